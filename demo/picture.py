"""Takes the picture of a plan's page that README shows: ``make picture``. It needs Chromium."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from demo import CHECKOUT, Story, copied, emulator

PICTURE = CHECKOUT / "docs" / "images" / "plan-page.png"
SIZE = "1120,1130"
LOOSE = "  lifecycle: {preventDelete: false, until: '2999-12-31'}\n"
REPLACED = (
    "dataLocation: Europe\n      lifecycle: {preventReplace: false, until: '2999-12-31'}\n"
    "      annotations: {replacement: 'the law wants it'}"
)
EDITS = (
    ("specs/prod/mail.yaml", "donotreply: {displayName: Contoso}", "donotreply: null"),
    ("specs/prod/mail.yaml", "displayName: Contoso Billing", "displayName: Billing"),
    ("specs/prod/mail.yaml", "  tags: {costCenter: cc-4712, env: prod}\n\n", f"{LOOSE}\n"),
    ("specs/prod/voice.yaml", "cc-2042", "cc-2050"),
    ("specs/prod/voice.yaml", "dataLocation: United States", REPLACED),
    (
        "specs/dev/sandbox.yaml",
        "    acs-sandbox-bare:\n      dataLocation: UK\n      identity: null\n"
        "      publicNetworkAccess: Enabled\n      disableLocalAuth: true\n",
        "    acs-sandbox-bare: null\n",
    ),
    ("specs/dev/sandbox.yaml", "  tags: ", f"{LOOSE}  tags: "),
    (
        "specs/prod/notifications.yaml",
        "  identities:\n",
        "  identities:\n    id-notify-archive: {location: westeurope}\n",
    ),
)
"""What a pull request changes that a reviewer should look at twice."""


def main() -> None:
    """Apply the specs, edit them, and take a picture of the plan."""
    with copied() as folder:
        with emulator(folder) as url:
            story = Story(folder, url, full=False)
            story.run("apply", "--yes", "--quiet", tail=1)
            for edit in EDITS:
                story.edit(*edit)
            story.run("plan", "--report", "html=plan.html", code=2, tail=2)
        picture = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
        take(folder / "plan.html", picture, folder / "profile")


def take(page: Path, picture: Path, profile: Path) -> None:
    """Take a picture of a page, in the light."""
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--user-data-dir={profile}", f"--window-size={SIZE}"]
    command += ["--blink-settings=preferredColorScheme=1", f"--screenshot={picture}"]
    subprocess.run([*command, page.as_uri()], check=True, capture_output=True, timeout=120)  # noqa: S603


if __name__ == "__main__":
    main()
