"""What a result says: blocks first, then a renderer."""
