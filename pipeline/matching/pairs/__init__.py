"""What is known of each pair of tracklets: rules, appearance, position."""
