"""Travel times between cameras, and the offsets of their clocks."""
