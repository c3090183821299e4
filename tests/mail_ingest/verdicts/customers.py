"""Believable mails of a shop's customers, many of which look like what word-guessing filters throw away."""

from collections.abc import Iterator
from random import Random

from tests.making import a_mail

NAMES = (
    "Ann Marie",
    "Lena Hartmann",
    "Noor Haddad",
    "José Núñez",
    "Zoë Ångström",
    "山田 太郎",
    "Олена Коваль",
    "محمد علي",
    "Ελένη Π.",
    "김민수",
)
SUBJECTS = (
    "WHERE IS MY ORDER {n}????",
    "Discount code FREE{n} does not work",
    "Invoice {n} - please pay attention",
    "URGENT!!! wrong item in parcel {n}",
    "Is the 50% OFF offer still valid?",
    "Refund of $ {n},00 not received",
    "Your account was charged twice, order {n}",
    "Re: Special offer just for you",
    "Click & collect: nobody there",
    "Bestellung {n}: Gutschein funktioniert nicht!!!",
    "Gratis Versand?? Warum 4,99 € bezahlt",
    "¿Dónde está mi pedido {n}?",
    "¡¡¡ GRATIS !!! no era gratis",
    "Commande {n} : remboursement 100 % garanti ?",
    "Zamówienie {n} - wygrałem bon, nie działa",
    "注文{n}の返金について",
    "Заказ {n}: где мои деньги?",
    "طلب رقم {n}",
    "Παραγγελία {n}: δωρεάν αποστολή",
    "주문 {n} 무료 배송 문의",
    "Unsubscribe me and cancel order {n}",
    "Viagra blue trainers, size 42, order {n}",
    "I WON your prize draw, where is it",
    "Crypto payment for {n} failed",
    "fwd: tracking",
    "(no subject)",
    "Out of stock again?",
    "Bounced payment for order {n}",
    "Away until Monday, deliver later",
)

BODIES = (
    "I ordered {n} on your site http://shop.example/o/{n}?ref=mail&x=1 and NOTHING came. PLEASE HELP!!!",
    "Dear Sir or Madam,\n\nkindly confirm my order {n}. I paid by transfer, IBAN DE89 3704 0044 0532 0130.",
    "hi click here does not work: https://bit.ly/{n} why do you send me such links? i want 100% money back",
    "Hallo,\n\nder Rabattcode SPAREN{n} geht nicht!!! Ich habe GRATIS Versand gewonnen.\n\nGruß",
    "Bonjour,\n\nje n'ai pas reçu ma commande {n}. C'est urgent, merci de me rappeler au 06 12 34 56 78.",
    "Buenos días, quiero un descuento del 20 % por el retraso del pedido {n}. ¡Gracias!",
    "こんにちは。注文{n}がまだ届きません。よろしくお願いします。",
    "Добрый день! Заказ {n} не пришёл. Верните деньги.",
    "مرحبا، لم يصل الطلب {n}.",
    "Free shipping, you said. FREE. I paid $ {n}. Act now or I call my bank.",
    "Please unsubscribe me from the newsletter AND answer about order {n}.\n\nSent from my iPhone",
    "1) order {n}\n2) colour: blue\n3) winner winner\n\nsee https://photos.example/{n}.jpg",
)


def customer_mails(rng: Random, count: int) -> Iterator[bytes]:
    """Yield so many mails, each different, as customers of all kinds write them."""
    hosts = (
        "gmail.com",
        "web.de",
        "orange.fr",
        "example.co.jp",
        "mail.ru",
        "t-online.de",
        "xn--bcher-kva.example",
    )
    for n in range(count):
        sender = f"{rng.choice(NAMES)} <c{n}@{rng.choice(hosts)}>"
        subject, text = rng.choice(SUBJECTS).format(n=n), rng.choice(BODIES).format(n=n)
        more: dict[str, str] = {}
        if n % 3 == 0:
            more["X_Spam_Status"] = "Yes, score=6.2"  # the customer's own outgoing server thinks so
        if n % 5 == 0:
            more["X_Mailer"] = "The Bat! (v3.0) Home"
        if n % 7 == 0:
            more["Authentication_Results"] = "mx.provider.example; dmarc=none; spf=softfail"
        html = (
            f"<h1 style='color:red'>{subject}</h1><a href='http://x.example/{n}'>CLICK</a>"
            if n % 4 == 0
            else None
        )
        yield a_mail(sender, subject=subject, text=text, html=html, **more)
