"""Well-known services whose outgoing hosts carry other people's mail, by the registered domain of their names.

Facts that anybody can look up: the domains are those that the services' own documentation, SPF records and public
reverse names show (as of 2007 to 2024). A name under one of them excuses its host only where it is a server's: an
access line of the same company (``cpe-1-2-3-4.example.net``) has a name that spells its address.
"""

from __future__ import annotations

from impound import canonical
from impound.check.webmail import WEBMAIL

SENDING = frozenset(
    (  # noqa: SIM905
        "constantcontact.com roving.com exacttarget.com exct.net responsys.net rsys1.com rsys2.com rsgsv.net "
        "mcsv.net mcdlv.net mailchimp.com mailchimpapp.net mandrillapp.com sendgrid.net sendgrid.com "
        "amazonses.com mailgun.org mailgun.net mailgun.us sparkpostmail.com mtasv.net postmarkapp.com "
        "mailjet.com sendinblue.com brevo.com salesforce.com chtah.net chtah.com cheetahmail.com "
        "bigfootinteractive.com bfi0.com dartmail.net dotmailer.com emarsys.net silverpop.com mkt41.net "
        "vresp.com verticalresponse.com icontact.com icpbounce.com aweber.com getresponse.com lyris.net "
        "sparklist.com topica.com whatcounts.com yesmail.com yesmail2.com p0.com e-dialog.com edialog.com "
        "ed10.net acxiom-online.com mailermailer.com bronto.com bm23.com campaignmonitor.com cmail1.com "
        "cmail2.com createsend.com sailthru.com marketo.com mktomail.com hubspot.com hubspotemail.net "
        "eloqua.com en25.com listrak.com informz.net convio.net groundspring.org blackbaud.com "
        "netatlantic.com socketlabs.com facebook.com facebookmail.com linkedin.com twitter.com ebay.com "
        "paypal.com amazon.com "
    ).split()
)
"""Services that send mail for their customers, or to their users."""


def service(name: str | None) -> str:
    """``webmail``, ``sending`` or empty: which kind of service a server of that name belongs to."""
    domain = canonical.registrable_domain(name) if name else None
    if domain in WEBMAIL:
        return "webmail"
    return "sending" if domain in SENDING else ""
