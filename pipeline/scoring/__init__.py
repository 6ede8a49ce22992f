"""How good is a run, held against who was really there?"""
