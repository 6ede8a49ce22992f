"""Vehicles: looks, bodies, paint, and the parts that are fixed to them."""
