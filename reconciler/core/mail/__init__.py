"""The records that a mail domain needs: what they are, what DNS says of them, and SPF."""
