import os.path

# In a wheel the validators lie here; in a checkout they stand at the top level, which must not become a package.
_checkout = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "validators")
if os.path.isdir(_checkout) and not os.path.exists(os.path.join(_checkout, "__init__.py")):
    __path__.append(_checkout)
