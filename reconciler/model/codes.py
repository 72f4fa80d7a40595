"""The codes of findings: what each stands for. docs/diagnostics.md shows an example of each."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """A finding's code, which never changes its meaning and is never given out twice.

    ACS001-019 are about reading YAML, ACS020-029 about finding and opening files, ACS030-049 about
    comparing with the schema; from ACS050 on they say what a schema cannot.
    """

    heading: str
    """A few words that name the mistake."""
    explanation: str
    """One or two sentences: what is wrong, and why it is refused."""

    def __new__(cls, code: str, heading: str, explanation: str) -> Self:
        """Make a code that is equal to its text, such as ``"ACS001"``."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.heading = heading
        member.explanation = explanation
        return member

    SYNTAX = (
        "ACS001",
        "not valid YAML",
        "The text breaks YAML's grammar at this place, so nothing after it could be read.",
    )
    ENCODING = (
        "ACS002",
        "not UTF-8",
        "The file holds bytes that are no UTF-8 text. Specs are UTF-8, with or without a BOM.",
    )
    CONTROL_CHARACTER = (
        "ACS003",
        "control character",
        "YAML allows no control characters but tab and line breaks; most come from a bad paste.",
    )
    DUPLICATE_KEY = (
        "ACS004",
        "key written twice",
        "A mapping holds the same key twice. Most YAML readers silently keep the last one.",
    )
    KEY_NOT_TEXT = (
        "ACS005",
        "key that is not text",
        "Keys are names, so they must be text: a number, true, false or null needs quotes.",
    )
    TAG = (
        "ACS006",
        "YAML tag",
        "A tag such as !!str or !x asks the reader to build something else than plain data.",
    )
    UNCLEAR_SCALAR = (
        "ACS007",
        "value that readers disagree on",
        "Unquoted, YAML versions read this value differently, or JSON cannot hold it.",
    )
    ANCHOR = (
        "ACS008",
        "alias without an anchor",
        "An alias repeats a value that is anchored above it; this one names no such value.",
    )
    EXPANSION = (
        "ACS009",
        "aliases that repeat too much",
        "Aliases may repeat 10,000 values in a file; beyond that a small file becomes a huge one.",
    )
    MERGE_KEY = (
        "ACS010",
        "merge key",
        "The merge key << is no part of YAML 1.2, and hides which fields a mapping has.",
    )
    DEPTH = (
        "ACS011",
        "nested too deep",
        "Mappings and lists may lie in each other at most 32 levels deep.",
    )
    DOCUMENTS = (
        "ACS012",
        "more than one document",
        "A file holds one document, because editors check only the first one of a file.",
    )
    EMPTY = (
        "ACS013",
        "empty file",
        "The file says nothing. An empty file never means that something shall be deleted.",
    )
    NOT_A_MAPPING = (
        "ACS014",
        "not a mapping",
        "A document is a mapping that starts with apiVersion and kind.",
    )
    SIZE = (
        "ACS015",
        "file too large",
        "A file may hold 5,000,000 bytes. One file is meant for one stack.",
    )
    MISSING_PATH = (
        "ACS020",
        "path that does not exist",
        "A file or folder that was asked for is not there; nothing is concluded from that.",
    )
    NO_SPECS = (
        "ACS021",
        "no spec found",
        "There is no spec in these places. That is a mistake, never the wish to delete everything.",
    )
    UNREADABLE = (
        "ACS022",
        "cannot be read",
        "The system refuses to read this file or folder, or it is no ordinary file.",
    )
    OUTSIDE = (
        "ACS023",
        "link that leads outside",
        "A symbolic link leads out of the folder it was found in, past those who review it.",
    )
    PROJECT_FILE = (
        "ACS024",
        "project file given as a spec",
        "The file reconciler.yaml holds the settings of the project; it describes no resources.",
    )
    NO_KIND = (
        "ACS030",
        "no apiVersion or kind",
        "Without apiVersion and kind nobody can tell what the document describes.",
    )
    API_VERSION = (
        "ACS031",
        "unknown apiVersion",
        "This version of the tool does not know this version of the format.",
    )
    KIND = ("ACS032", "unknown kind", "No kind of document has this name.")
    UNKNOWN_FIELD = (
        "ACS033",
        "unknown field",
        "There is no field of this name here. It would have no effect, so it is refused.",
    )
    MISSING_FIELD = ("ACS034", "missing field", "A field that has no default is not there.")
    NOT_A_CHOICE = (
        "ACS035",
        "value that is none of the choices",
        "The field takes one of a few values, spelt exactly so.",
    )
    TYPE = (
        "ACS036",
        "wrong type",
        "The field takes another type of value: text, a number, true or false, a list, a mapping.",
    )
    PATTERN = (
        "ACS037",
        "text of the wrong form",
        "The text does not have the form that Azure or the reference needs.",
    )
    LENGTH = (
        "ACS038",
        "text too short or too long",
        "The text has fewer or more characters than allowed.",
    )
    RANGE = (
        "ACS039",
        "number out of range",
        "The number is smaller or larger than allowed, or no multiple of the step.",
    )
    COUNT = (
        "ACS040",
        "too few or too many entries",
        "The list or mapping has fewer or more entries than allowed.",
    )
    REPEATED = ("ACS041", "entry listed twice", "The list is a set: each entry may be there once.")
    COMBINATION = (
        "ACS042",
        "fields that do not go together",
        "Each field would be right alone, but one needs or excludes another.",
    )
    NO_FORM = (
        "ACS043",
        "none of the forms",
        "The field can be written in several forms, and the value has none of them.",
    )
    NAME = (
        "ACS044",
        "name that is not allowed",
        "The key is the name of something, and Azure does not allow this name.",
    )
    SCHEMA = ("ACS049", "not as the schema says", "The value breaks another rule of the schema.")
    SUBSCRIPTION = (
        "ACS050",
        "unknown subscription",
        "The stack names a subscription that is neither an id nor an alias of the project file.",
    )
    SAME_STACK = (
        "ACS051",
        "two stacks with one name",
        "A stack's name is part of every address in a plan, so it is given once in a repository.",
    )
    SAME_RESOURCE = (
        "ACS052",
        "resource described twice",
        "Two places describe one Azure resource, whose names ignore case; they would take turns.",
    )
    UNKNOWN_TARGET = (
        "ACS053",
        "reference that points nowhere",
        "No stack in this run describes what the reference names.",
    )
    UNKNOWN_OUTPUT = (
        "ACS054",
        "output of an unknown field",
        "The resource is there, but it has no such field to hand out.",
    )
    REMOVED_TARGET = (
        "ACS055",
        "reference to a removed resource",
        "The resource is set to null, which deletes it, so nothing can rely on it.",
    )
    SAME_TAG = (
        "ACS056",
        "tag named twice",
        "Azure ignores the case of tag names, so both lines mean one tag.",
    )
    RESERVED_TAG = (
        "ACS057",
        "reserved tag",
        "The tag marks a resource as a stack's own; the tool writes it.",
    )
    UNMARKED = (
        "ACS058",
        "mark that would be removed",
        "Removing all tags would remove the mark that says which stack may prune the resource.",
    )
    BARE_NAME = (
        "ACS059",
        "GitHub name without its id",
        "A warning: somebody else can register a freed name, and their tokens would match.",
    )
    EXPRESSION = (
        "ACS060",
        "not a variable",
        "In a stack, ${ starts a variable and nothing else; $${ stands for the two characters.",
    )
    UNKNOWN_VARIABLE = (
        "ACS061",
        "unknown variable",
        "A variable is used, or given a value, that no stack concerned declares.",
    )
    NO_VALUE = (
        "ACS062",
        "variable without a value",
        "A stack uses a variable that has no default, and nothing gives it a value.",
    )
    WRONG_VALUE = (
        "ACS063",
        "value that a variable does not take",
        "The value or the default has another type than declared, or is not among what is allowed.",
    )
    UNUSED_VARIABLE = ("ACS064", "unused variable", "A warning: the stack does not use it.")
    SAME_KEY = ("ACS065", "two keys that become one", "Filled in, the keys are the same.")
    UNKNOWN_STACK = ("ACS066", "patch for an unknown stack", "The environment has no such stack.")
    FIXED_FIELD = (
        "ACS067",
        "what is the same everywhere",
        "The name, kind and apiVersion of a stack hold no variables, and no patch changes them.",
    )
    SAME_ENVIRONMENT = (
        "ACS068",
        "two environments with one name",
        "An environment is chosen by its name, so each has its own.",
    )
    OTHER_STACK = (
        "ACS069",
        "stack of no such environment",
        "The file was asked for with an environment whose stacks it is not among.",
    )
    MUCH_TEXT = ("ACS070", "variables that write too much", "Their limit is 1,000,000 characters.")
    NOTHING_REMOVED = ("ACS072", "null that removes nothing", "The stack has no such key.")
    LAYOUT = (
        "ACS073",
        "file that cannot be formatted",
        "Moving its lines would change what it says or lose a comment; it is left as it is.",
    )
    FROM_VARIABLE = (
        "ACS074",
        "drift in the value of a variable",
        "What differs is written as a variable, which other places may use; it is left alone.",
    )
    NOT_ACCEPTED = (
        "ACS075",
        "drift that cannot be accepted",
        "No small edit of the file makes it say what Azure has.",
    )
    POLICY = (
        "ACS080",
        "policy not kept",
        "A policy of the organisation asks for something that the resource does not have.",
    )
    POLICY_SCHEMA = (
        "ACS081",
        "policy that cannot be judged by",
        "The schema of the policy is wrong, reaches outside, or would judge nothing at all.",
    )
    SAME_POLICY = (
        "ACS082",
        "two policies with one name",
        "Findings and exemptions name a policy, so each has a name of its own.",
    )
    POLICY_SCOPE = (
        "ACS083",
        "policy for what does not exist",
        "The policy names a kind or an environment that there is not.",
    )
    UNKNOWN_POLICY = (
        "ACS084",
        "unknown policy",
        "An exemption or a severity names a policy that the project does not have.",
    )
    IDLE_EXEMPTION = (
        "ACS085",
        "exemption from nothing",
        "A warning: the resource keeps the policy, so the exemption would hide the next fault.",
    )
    LONG_STACK = (
        "ACS086",
        "long stack",
        "A warning: beyond 300 lines nobody reviews a stack as a whole.",
    )
    UNUSED_IDENTITY = (
        "ACS087",
        "unused identity",
        "A warning: nothing in the specs refers to the identity, and nobody can sign in as it.",
    )
    MODELINE = (
        "ACS088",
        "no line for editors",
        "A warning: without a right first line editors neither complete nor check the file.",
    )
    POLICY_EXAMPLE = (
        "ACS089",
        "example that contradicts its policy",
        "The policy breaks what it shall let pass, or lets pass what it shall break.",
    )
    SHARED_RESOURCE = (
        "ACS090",
        "resource of two environments",
        "Two environments manage one resource, so that each would undo what the other has done.",
    )
    CONTRADICTION = (
        "ACS091",
        "kept and pruned at once",
        "A resource is never to be deleted, and to be deleted once it has left the specs.",
    )
    MOVED_FROM_HERE = (
        "ACS092",
        "moved from a stack that still has it",
        "What has moved is described in one stack: the one that it has moved to.",
    )
    NO_KEY = (
        "ACS093",
        "no key for addresses",
        "Addresses are hashed and named with a secret key, so plan and apply need one.",
    )
    ADDRESS_FILE = (
        "ACS094",
        "file of addresses that cannot be used",
        "It is missing, no UTF-8 text, too large, or empty where all others would be removed.",
    )
    ADDRESS_LINE = (
        "ACS095",
        "line that is no address",
        "A file has one address a line; the line is not shown, since it may be one after all.",
    )
    ADDRESS_FIELD = (
        "ACS096",
        "not as addresses are described",
        "The value breaks the schema, and is not shown, since it may be an address.",
    )
    CYCLE = (
        "ACS110",
        "resources that wait for each other",
        "Each of them needs a value of the next one, so that none can be made first.",
    )
    USERNAME = (
        "ACS111",
        "username that is not the name of its sender",
        "Azure wants the two to be equal but for their case; mail comes from the username.",
    )
    SAME_SUBJECT = (
        "ACS112",
        "credential for the same subject",
        "An identity takes a pair of issuer and subject once, compared to the letter.",
    )
    OUTSIDE_REPOSITORY = (
        "ACS113",
        "path that leads out of the repository",
        "What files of a project name lies in its repository: lines of it may be printed in a log.",
    )
    NOT_SEALED = (
        "ACS120",
        "no file of that sort",
        "The file is not what the tool writes, or it is in a version that is not known here.",
    )
    BROKEN_SEAL = (
        "ACS121",
        "altered after it was sealed",
        "What the file says is not what its digests, its signature or the specs vouch for.",
    )
    EXPIRED = (
        "ACS122",
        "plan that has expired",
        "A plan file holds for a day unless it says otherwise; what it was reviewed for has aged.",
    )
    FOREIGN = (
        "ACS123",
        "plan for something else",
        "The plan was made for another target, environment or release, or from other specs.",
    )
    MOVED = (
        "ACS124",
        "Azure changed since the plan",
        "Something that the plan writes to or depends on is not as it was when the plan was made.",
    )
    MISFIT = (
        "ACS125",
        "receipt that does not fit",
        "What the receipt tells does not agree with itself, or with the plan that it is of.",
    )
    NO_SUCH_MAIL = (
        "ACS140",
        "nothing to verify, or to fall back from",
        "Azure verifies the domains it manages; a fallback stands in for another domain of a list.",
    )
    OTHER_ZONE = (
        "ACS150",
        "domain outside of its zone",
        "A zone holds names that end with its own; other records cannot be kept in it.",
    )
