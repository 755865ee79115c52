"""What a written answer means and when two of them are the same: text -> tokens -> tree -> reading -> comparison.

Nothing here executes, evaluates or formats outside text; every step bounds its work before it begins.
"""
