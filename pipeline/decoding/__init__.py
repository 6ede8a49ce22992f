"""The decoder process behind `pipeline.video`: scan, cut, decode, hand over."""
