"""One message → what it is. Pure functions over :class:`~impound.check.mail.Mail`: no engine, no case, no clock.

What a single message says is decided in this room and nowhere else. Finders map these functions over tables, and
``impound check`` calls them on what a reader has just read, so a case and a mail server never disagree.
"""
