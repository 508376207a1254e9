class Parser:
    """Parses."""
