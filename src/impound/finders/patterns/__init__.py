"""How mail is recognised again, with `templates` and `url_patterns`: fixed text, lists of words, noise; from mail."""
