"""Would `match` run on this machine?"""
