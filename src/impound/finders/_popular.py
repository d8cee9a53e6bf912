"""Domains that many senders link to who have nothing to do with each other: a link to one of them says nothing.

News sites, search engines, portals, free hosts of pages and pictures, link shorteners, standards and mail programs'
own links: the ones that spam and ordinary mail of 2001 to 2026 had in common most often. Written down by hand; what a
case shows to be shared (links in list mail and in replies) is learnt on top of it.
"""

from __future__ import annotations

POPULAR = frozenset(
    """
    w3.org xmlsoap.org openxmlformats.org schema.org iana.org ietf.org unicode.org microsoft.com live.com msn.com
    hotmail.com outlook.com office.com windows.com bing.com passport.com google.com googlegroups.com gmail.com
    googleusercontent.com gstatic.com blogger.com blogspot.com youtube.com goo.gl yahoo.com yahoo.co.uk yahoo.co.jp
    yahoo.fr yahoo.de yahoo.ca yimg.com yahoogroups.com flickr.com aol.com aim.com netscape.com compuserve.com
    mapquest.com apple.com icloud.com mac.com itunes.com adobe.com macromedia.com mozilla.org mozilla.com
    getfirefox.com opera.com facebook.com fbcdn.net twitter.com t.co linkedin.com instagram.com pinterest.com
    whatsapp.com telegram.org myspace.com friendster.com orkut.com livejournal.com wordpress.com wordpress.org
    tumblr.com typepad.com reddit.com geocities.com tripod.com angelfire.com freewebs.com 50megs.com lycos.com
    fortunecity.com xoom.com imageshack.us imageshack.com tinypic.com photobucket.com bilder-hosting.de imgur.com
    upload2.net webshots.com tinyurl.com bit.ly is.gd ow.ly snipurl.com cjb.net rb.gy cutt.ly t.me wikipedia.org
    wikimedia.org archive.org dmoz.org sourceforge.net github.com gitlab.com savannah.gnu.org gnu.org cnn.com
    bbc.co.uk bbc.com nytimes.com washingtonpost.com usatoday.com reuters.com ft.com wsj.com msnbc.com foxnews.com
    cbsnews.com abcnews.com npr.org time.com forbes.com economist.com guardian.co.uk telegraph.co.uk latimes.com
    chicagotribune.com csmonitor.com livescience.com bloomberg.com marketwatch.com cnet.com zdnet.com wired.com
    slashdot.org ebay.com ebaystatic.com paypal.com paypalobjects.com amazon.com amazonaws.com images-amazon.com
    netflix.com verisign.com thawte.com truste.org bbb.org bbbonline.org symantec.com norton.com mcafee.com
    avast.com avg.com grisoft.com kaspersky.com trendmicro.com f-secure.com clamav.net spamassassin.org
    mailscanner.info doubleclick.net akamai.net akamaihd.net cloudfront.net cloudflare.com exacttarget.com exct.net
    constantcontact.com rs6.net listserv.net topica.com mailman.org messagelabs.com
    """.split()  # noqa: SIM905  (a list of quoted words is harder to read)
)

SHARED = frozenset(
    """
    163.com 126.com qq.com sina.com sina.com.cn sohu.com 21cn.com tom.com yeah.net naver.com daum.net hanmail.net
    mail.ru bk.ru list.ru inbox.ru rambler.ru yandex.ru yandex.com ya.ru ukr.net gmx.de gmx.net gmx.com web.de
    t-online.de freenet.de arcor.de orange.fr wanadoo.fr laposte.net free.fr libero.it virgilio.it tiscali.it
    terra.com.br uol.com.br bol.com.br ig.com.br hotmail.co.uk btinternet.com comcast.net verizon.net att.net
    proton.me protonmail.com zoho.com fastmail.com mail.com aweber.com mailchimp.com list-manage.com sendgrid.net
    mailgun.org amazonses.com sparkpostmail.com hubspot.com salesforce.com campaign-archive.com icontact.com
    google.de google.co.uk google.fr googleapis.com google-analytics.com withgoogle.com web.app firebaseapp.com
    appspot.com pages.dev workers.dev r2.dev netlify.app vercel.app herokuapp.com azurewebsites.net windows.net
    sharepoint.com onedrive.com dropbox.com box.com wetransfer.com mediafire.com rapidshare.com 4shared.com
    weebly.com wix.com wixsite.com squarespace.com webflow.io godaddysites.com github.io gitlab.io glitch.me
    sites.net typeform.com jotform.com surveymonkey.com ipfs.io digitaloceanspaces.com backblazeb2.com wasabisys.com
    linktr.ee shorturl.at rebrand.ly tiny.cc buff.ly lnkd.in adf.ly v.gd t.ly s.id qrco.de urlz.fr
    tiktok.com vk.com weibo.com baidu.com taobao.com alibaba.com aliexpress.com discord.com discord.gg medium.com
    zoom.us vimeo.com soundcloud.com spotify.com stackoverflow.com yelp.com craigslist.org eventbrite.com
    """.split()  # noqa: SIM905
)
"""Widely shared hosts of mail, pages, files, short links and mailings of later years: a campaign may be tied by its own
address below one of them, but the registrable domain is never published."""
