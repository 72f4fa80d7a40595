"""What goes over the wire: requests, answers, errors, tokens, certificates, look-ups."""
