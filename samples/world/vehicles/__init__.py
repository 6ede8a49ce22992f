"""Vehicles: how one looks, its body, its paint, and what is fixed to it."""
