"""The ``tags`` of a resource.

https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
"""

from reconciler.emulator.wire import errors

MOST_TAGS = 50
LONGEST_NAME = 512
LONGEST_VALUE = 256


def checked(value: object) -> dict[str, str]:
    """Return the tags.

    Raises:
        errors.ArmError: 400: not a map of strings, or over the limits.

    """
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        message = "'tags' must be an object whose values are strings."
        raise errors.invalid_tag(message)
    if len(value) > MOST_TAGS:
        message = f"A resource can have at most {MOST_TAGS} tags."
        raise errors.invalid_tag(message)
    if len({name.casefold() for name in value}) < len(value):
        message = "The names of tags are compared without case, two are the same."
        raise errors.invalid_tag(message)
    for name, text in value.items():
        if not name or len(name) > LONGEST_NAME or set(name) & set("<>%&\\?/"):
            message = f"'{name}' cannot be the name of a tag."
            raise errors.invalid_tag(message)
        if len(text) > LONGEST_VALUE:
            message = f"The value of tag '{name}' is too long."
            raise errors.invalid_tag(message)
    return value
