"""Replies as mail programs write them, and sentences that only look like quotes: what is new in each."""

# A name, the body, and what is new in it with blanks squeezed.
PLAIN = (
    (
        "qq",
        (
            '好的\n\n------------------ 原始邮件 ------------------\n发件人: "Help" <h@e.net>;\n'
            '发送时间: 2025年3月3日(星期一) 上午10:00\n收件人: "x"<x@qq.com>;\n主题: 你好\n\n内容\n'
        ),
        "好的",
    ),
    (
        "163",
        '收到\n\n在 2025-03-03 10:00:00,"Help" <h@e.net> 写道:\n>内容\n',
        "收到",
    ),
    (
        "163b",
        '收到\n\n\n\n\n在 2025-03-03 10:00:00,"Help" <h@e.net> 写道：\n\n内容\n',
        "收到",
    ),
    (
        "naver",
        (
            '네\n\n-----Original Message-----\nFrom: "Help"<h@e.net>\nTo: <x@naver.com>;\nCc:\nSent: '
            "2025-03-03 (월) 10:00:00 (GMT+09:00)\nSubject: hi\n\n본문"
        ),
        "네",
    ),
    (
        "gmail ko",
        "네 감사합니다\n\n2025년 3월 3일 (월) 오전 10:00, Help <h@e.net>님이 작성:\n\n> 본문\n",
        "네 감사합니다",
    ),
    (
        "gmail ja",
        "了解しました。\n\n2025年3月3日(月) 10:00 Help <h@e.net>:\n\n> 本文\n",
        "了解しました。",
    ),
    (
        "gmail de",
        "Danke\n\nAm Mo., 3. März 2025 um 10:00 Uhr schrieb Help <h@e.net>:\n\n> Hallo\n",
        "Danke",
    ),
    (
        "gmail pt",
        "Ok\n\nEm seg., 3 de mar. de 2025 às 10:00, Help <h@e.net> escreveu:\n\n> Olá\n",
        "Ok",
    ),
    (
        "gmail es",
        "Ok\n\nEl lun, 3 mar 2025 a las 10:00, Help (<h@e.net>) escribió:\n\n> Hola\n",
        "Ok",
    ),
    (
        "gmail fr",
        "Ok\n\nLe lun. 3 mars 2025 à 10:00, Help <h@e.net> a écrit :\n\n> Bonjour\n",
        "Ok",
    ),
    (
        "gmail it",
        "Ok\n\nIl giorno lun 3 mar 2025 alle ore 10:00 Help <h@e.net> ha\nscritto:\n\n> Ciao\n",
        "Ok",
    ),
    (
        "gmail nl",
        "Ok\n\nOp ma 3 mrt 2025 om 10:00 schreef Help <h@e.net>:\n\n> Hoi\n",
        "Ok",
    ),
    (
        "gmail tr",
        "Tamam\n\nHelp <h@e.net>, 3 Mar 2025 Pzt, 10:00 tarihinde şunu yazdı:\n\n> Merhaba\n",
        "Tamam",
    ),
    (
        "gmail cs",
        "Ok\n\npo 3. 3. 2025 v 10:00 odesílatel Help <h@e.net> napsal:\n\n> Ahoj\n",
        "Ok",
    ),
    (
        "gmail uk",
        "Добре\n\nпн, 3 бер. 2025 р. о 10:00 Help <h@e.net> пише:\n\n> Привіт\n",
        "Добре",
    ),
    (
        "gmail hu",
        "Ok\n\nHelp <h@e.net> ezt írta (időpont: 2025. márc. 3., H, 10:00):\n\n> Szia\n",
        "Ok",
    ),
    (
        "gmail zh",
        "好\n\nHelp <h@e.net> 于2025年3月3日周一 10:00写道：\n\n> 你好\n",
        "好",
    ),
    (
        "gmail zh-tw",
        "好\n\nHelp <h@e.net> 於 2025年3月3日 週一 上午10:00寫道：\n\n> 你好\n",
        "好",
    ),
    (
        "gmail ro",
        "Ok\n\nÎn lun., 3 mar. 2025 la 10:00, Help <h@e.net> a scris:\n\n> Salut\n",
        "Ok",
    ),
    (
        "gmail el",
        "Οκ\n\nΣτις Δευ 3 Μαρ 2025 στις 10:00 π.μ., ο χρήστης Help <h@e.net> έγραψε:\n\n> Γεια\n",
        "Οκ",
    ),
    (
        "gmail he",
        (
            "אוקיי\n\n\u202bבתאריך יום ב׳, 3 במרץ 2025 ב-10:00 מאת \u202aHelp\u202c <\u202ah@e.net\u202c>"
            ":\u202c\n\n> שלום\n"
        ),
        "אוקיי",
    ),
    (
        "gmail ar",
        ("حسنا\n\nفي الاثنين، ٣ مارس ٢٠٢٥ في ١٠:٠٠ ص تمت كتابة ما يلي بواسطة Help <h@e.net>:\n\n> مرحبا\n"),
        "حسنا",
    ),
    (
        "gmail da",
        "Ok\n\nDen man. 3. mar. 2025 kl. 10.00 skrev Help <h@e.net>:\n\n> Hej\n",
        "Ok",
    ),
    (
        "gmail fi",
        "Ok\n\nma 3. maalisk. 2025 klo 10.00 Help (h@e.net) kirjoitti:\n\n> Moi\n",
        "Ok",
    ),
    (
        "notes",
        (
            "Danke.\n\nMit freundlichen Grüßen\nMax\n\n\n\nVon:    Help <h@e.net>\nAn:     "
            "max@example.com,\nKopie:  x@y.de\nDatum:  03.03.2025 10:00\nBetreff:        Ihre Anfrage\n\n"
            "\n\nText\n"
        ),
        "Danke. Mit freundlichen Grüßen Max",
    ),
    (
        "samsung",
        (
            "Ok\n\n\nVon meinem/meiner Galaxy gesendet\n\n\n-------- Ursprüngliche Nachricht --------\n"
            "Von: Help <h@e.net>\nDatum: 03.03.25 10:00 (GMT+01:00)\nAn: x@y.de\nBetreff: hi\n\nText"
        ),
        "Ok",
    ),
    (
        "android",
        (
            "Ok\n\n-------- Original message --------\nFrom: Help <h@e.net>\nDate: 03/03/2025 10:00 "
            "(GMT+01:00)\nTo: x@y.de\nSubject: hi\n\nText"
        ),
        "Ok",
    ),
    (
        "k9",
        (
            "Ok\n\nAm 3. März 2025 10:00:00 MEZ schrieb Help <h@e.net>:\n>Text\n>more\n\n-- \nDiese "
            "Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.\n"
        ),
        "Ok",
    ),
    (
        "outlook txt",
        (
            "Ok\n\n-----Ursprüngliche Nachricht-----\nVon: Help <h@e.net> \nGesendet: Montag, 3. März "
            "2025 10:00\nAn: x@y.de\nBetreff: hi\n\nText"
        ),
        "Ok",
    ),
    (
        "bluemail",
        (
            "Ok\n\n\u2063Get BlueMail for Android \u200b\n\nOn 3 Mar 2025, 10:00, at 10:00, Help "
            "<h@e.net> wrote:\n>Text\n"
        ),
        "Ok",
    ),
    (
        "superhuman",
        "Ok\n\nOn Mon, Mar 03, 2025 at 10:00 AM, Help < h@e.net > wrote:\n\n> Text\n",
        "Ok",
    ),
    (
        "hey",
        "Ok\n\nOn March 3, 2025, Help <h@e.net> wrote:\n> Text\n",
        "Ok",
    ),
    (
        "aol",
        (
            "Ok\n\n-----Original Message-----\nFrom: Help <h@e.net>\nTo: x <x@y>\nSent: Mon, Mar 3, 2025 "
            "10:00 am\nSubject: hi\n\nText"
        ),
        "Ok",
    ),
    (
        "yandex",
        'Ок\n\n03.03.2025, 10:00, "Help" <h@e.net>:\n\nТекст',
        "Ок",
    ),
    (
        "mailru",
        "Ок\n\nПонедельник, 3 марта 2025, 10:00 +03:00 от Help <h@e.net>:\n \nТекст",
        "Ок",
    ),
    (
        "open-xchange",
        "Danke\n\n> Help <h@e.net> hat am 03.03.2025 10:00 CET geschrieben:\n> \n>  \n> Text\n",
        "Danke",
    ),
    (
        "zimbra",
        (
            'Merci\n\n----- Mail original -----\nDe: "Help" <h@e.net>\nÀ: x@y.fr\nEnvoyé: Lundi 3 Mars '
            "2025 10:00:00\nObjet: x\n\nTexte\n"
        ),
        "Merci",
    ),
    (
        "horde",
        "Ok\n\nQuoting Help <h@e.net>:\n\n> Text\n> more\n",
        "Ok",
    ),
    (
        "becky",
        "Ok\n\nOn Mon, 3 Mar 2025 10:00:00 +0900\nHelp <h@e.net> wrote:\n\n> Text\n",
        "Ok",
    ),
    (
        "iphone ja",
        "了解\n\n2025/03/03 10:00、Help <h@e.net>のメール:\n\n> 本文\n",
        "了解",
    ),
    (
        "foxmail",
        "好的\n\n \n发件人： Help\n发送时间： 2025-03-03 10:00\n收件人： x\n主题： hi\n内容\n",
        "好的",
    ),
    (
        "outlook ko",
        (
            "네\n\n보낸 사람: Help <h@e.net>\n보낸 날짜: 2025년 3월 3일 월요일 오전 10:00\n받는 사람: "
            "x@y.kr\n제목: hi\n\n본문\n"
        ),
        "네",
    ),
    (
        "t-online",
        (
            "Ok\n\n-----Original-Nachricht-----\nBetreff: x\nDatum: 2025-03-03T10:00:00+0100\nVon: "
            '"Help" <h@e.net>\nAn: "x" <x@t-online.de>\n\nText\n'
        ),
        "Ok",
    ),
    (
        "a sentence with a date",
        "On Monday I wrote to you at 10:20:\nThe parcel is lost.\n",
        "On Monday I wrote to you at 10:20: The parcel is lost.",
    ),
    (
        "what we wrote, told again",
        "Hello,\n\nOn 12 May 2024 you wrote:\nthat the refund is coming. It is not here.\n",
        "Hello, On 12 May 2024 you wrote: that the refund is coming. It is not here.",
    ),
    (
        "a journey from and to",
        "Please book:\n\nFrom: Berlin\nTo: Munich\nDate: 3 May 2025\n\nThanks",
        "Please book: From: Berlin To: Munich Date: 3 May 2025 Thanks",
    ),
    (
        "a session pasted",
        "I ran this:\n\n>>> import foo\nTraceback\n>>> foo.bar()\nError\n\nHelp!",
        "I ran this: >>> import foo Traceback >>> foo.bar() Error Help!",
    ),
    (
        "steps of a guide",
        (
            "Your guide says:\n\nFrom: the settings page choose Mail\nSubject: enter the name\nTo: pick "
            "all\n\nbut there is no settings page"
        ),
        (
            "Your guide says: From: the settings page choose Mail Subject: enter the name To: pick all "
            "but there is no settings page"
        ),
    ),
    (
        "a list below dashes",
        "Order list\n--\n2 apples\n3 pears\n\nPlease ship by Friday.",
        "Order list -- 2 apples 3 pears Please ship by Friday.",
    ),
    (
        "answers within an unmarked quote",
        (
            "Hi\n\nsee my answers below in red.\n\nFrom: Help <h@e.net>\nSent: Monday, 3 March 2025 10:00"
            "\nTo: x@y.de\nSubject: hi\n\nWhat is your number?\n4711\n"
        ),
        "Hi see my answers below in red. What is your number? 4711",
    ),
    (
        "answers between marked lines",
        "> What is your number?\n4711\n> And the colour?\nblue\n",
        "4711 blue",
    ),
    (
        "an answer in the middle of a wrapped line",
        (
            "> Can you tell us the number of the order that you placed with us in the last\n4711, placed "
            "on Monday\n> few days?\nSee above\n"
        ),
        "4711, placed on Monday See above",
    ),
    (
        "a lone comparison",
        "Temperature > 30 degrees\n> 40 would be bad\n",
        "Temperature > 30 degrees > 40 would be bad",
    ),
    (
        "sentences about sending",
        (
            "Sent from the warehouse in Hamburg, the parcel never came.\nSent from my old office by mail "
            "to you last week\n"
        ),
        (
            "Sent from the warehouse in Hamburg, the parcel never came. Sent from my old office by mail "
            "to you last week"
        ),
    ),
    (
        "a sentence in French",
        "Le 3 mars 2025 à 10:00 le livreur a écrit :\nabsent\nmais j étais là\n",
        "Le 3 mars 2025 à 10:00 le livreur a écrit : absent mais j étais là",
    ),
    (
        "an attribution within a sentence",
        'Hi, the error mail says: "On 3 Mar 2025 at 10:00 server wrote: disk full". What now?\nBye',
        'Hi, the error mail says: "On 3 Mar 2025 at 10:00 server wrote: disk full". What now? Bye',
    ),
    (
        "a label in a sentence",
        "Message du : lundi\nc est nul\n",
        "Message du : lundi c est nul",
    ),
    (
        "contact form",
        (
            "New contact form submission\n\nFrom: Jane <jane@x.com>\nSubject: Broken kettle\nMessage: It "
            "broke\n"
        ),
        "New contact form submission From: Jane <jane@x.com> Subject: Broken kettle Message: It broke",
    ),
)

# A name, the HTML, what is new in it, and the subject.
HTML = (
    (
        "outlook Von:",
        (
            '<html><body><div class="WordSection1"><p class="MsoNormal">Hallo,<o:p></o:p></p><p '
            'class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">es geht immer noch nicht.'
            '<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt '
            '0cm 0cm 0cm"><p class="MsoNormal"><b>Von:</b> Support &lt;help@example.net&gt; <br><b>'
            "Gesendet:</b> Montag, 3. M&auml;rz 2025 10:00<br><b>An:</b> Max &lt;max@example.com&gt;<br>"
            '<b>Betreff:</b> Ihre Anfrage<o:p></o:p></p></div></div><p class="MsoNormal"><o:p>&nbsp;'
            '</o:p></p><p class="MsoNormal">Bitte starten Sie neu.<o:p></o:p></p></div></body></html>'
        ),
        "Hallo, es geht immer noch nicht.",
        "",
    ),
    (
        "outlook Xyz:",
        (
            '<html><body><div class="WordSection1"><p class="MsoNormal">Hallo,<o:p></o:p></p><p '
            'class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">es geht immer noch nicht.'
            '<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt '
            '0cm 0cm 0cm"><p class="MsoNormal"><b>Xyz:</b> Support &lt;help@example.net&gt; <br><b>'
            "Qwe:</b> Montag, 3. M&auml;rz 2025 10:00<br><b>Rty:</b> Max &lt;max@example.com&gt;<br><b>"
            'Uio:</b> Ihre Anfrage<o:p></o:p></p></div></div><p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
            '<p class="MsoNormal">Bitte starten Sie neu.<o:p></o:p></p></div></body></html>'
        ),
        "Hallo, es geht immer noch nicht.",
        "",
    ),
    (
        "outlook 差出人:",
        (
            '<html><body><div class="WordSection1"><p class="MsoNormal">Hallo,<o:p></o:p></p><p '
            'class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">es geht immer noch nicht.'
            '<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt '
            '0cm 0cm 0cm"><p class="MsoNormal"><b>差出人:</b> Support &lt;help@example.net&gt; <br><b>'
            "送信日時:</b> Montag, 3. M&auml;rz 2025 10:00<br><b>宛先:</b> Max &lt;max@example.com&gt;"
            '<br><b>件名:</b> Ihre Anfrage<o:p></o:p></p></div></div><p class="MsoNormal"><o:p>&nbsp;'
            '</o:p></p><p class="MsoNormal">Bitte starten Sie neu.<o:p></o:p></p></div></body></html>'
        ),
        "Hallo, es geht immer noch nicht.",
        "",
    ),
    (
        "outlook Kimden:",
        (
            '<html><body><div class="WordSection1"><p class="MsoNormal">Hallo,<o:p></o:p></p><p '
            'class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">es geht immer noch nicht.'
            '<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt '
            '0cm 0cm 0cm"><p class="MsoNormal"><b>Kimden:</b> Support &lt;help@example.net&gt; <br><b>'
            "Gönderildi:</b> Montag, 3. M&auml;rz 2025 10:00<br><b>Kime:</b> Max &lt;max@example.com&gt;"
            '<br><b>Konu:</b> Ihre Anfrage<o:p></o:p></p></div></div><p class="MsoNormal"><o:p>&nbsp;'
            '</o:p></p><p class="MsoNormal">Bitte starten Sie neu.<o:p></o:p></p></div></body></html>'
        ),
        "Hallo, es geht immer noch nicht.",
        "",
    ),
    (
        "outlook web",
        (
            '<div style="font-family:Calibri">Still broken.</div><div id="appendonsend"></div><hr '
            'style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" '
            'dir="ltr"><font face="Calibri"><b>From:</b> Help &lt;h@e.net&gt;<br><b>Sent:</b> Monday'
            "<br><b>To:</b> x@y.com<br><b>Subject:</b> Re: hi</font><div>&nbsp;</div></div><div>Try this."
            "</div>"
        ),
        "Still broken.",
        "",
    ),
    (
        "outlook forward",
        (
            '<div>Please see below</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>'
            "From:</b> Jane &lt;j@e.net&gt;<br><b>Sent:</b> Monday<br><b>To:</b> x@y.com<br><b>Subject:"
            "</b> order</div><div>My order is late.</div>"
        ),
        ("Please see below From: Jane <j@e.net> Sent: Monday To: x@y.com Subject: order My order is late."),
        "Fw: order",
    ),
    (
        "gmail",
        (
            '<div dir="ltr">Yes it works<div><br></div></div><br><div class="gmail_quote '
            'gmail_quote_container"><div dir="ltr" class="gmail_attr">On Mon, Mar 3, 2025 at 10:00 '
            'AM Help &lt;<a href="mailto:h@e.net">h@e.net</a>&gt; wrote:<br></div><blockquote '
            'class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid '
            'rgb(204,204,204);padding-left:1ex">Does it?</blockquote></div>'
        ),
        "Yes it works",
        "",
    ),
    (
        "gmail unknown lang",
        (
            '<div dir="ltr">Yes it works</div><br><div class="gmail_quote"><div dir="ltr" '
            'class="gmail_attr">Zzz 2025 foo bar qux Help &lt;<a href="mailto:h@e.net">h@e.net</a>'
            '&gt; blabla:<br></div><blockquote class="gmail_quote">Does it?</blockquote></div>'
        ),
        "Yes it works",
        "",
    ),
    (
        "gmail inline",
        (
            '<div dir="ltr"><div class="gmail_quote"><div class="gmail_attr">On Mon, Mar 3, 2025 '
            'at 10:00 AM Help &lt;h@e.net&gt; wrote:<br></div><blockquote class="gmail_quote" '
            'style="border-left:1px solid">What is your number?</blockquote><div><br></div><div>It is '
            '4711.</div><blockquote class="gmail_quote" style="border-left:1px solid">And colour?'
            "</blockquote><div>Blue</div></div></div>"
        ),
        "It is 4711. Blue",
        "",
    ),
    (
        "gmail fwd",
        (
            '<div dir="ltr">FYI<br><br><div class="gmail_quote"><div class="gmail_attr">---------- '
            "Forwarded message ---------<br>From: <b>Bob</b> &lt;b@x.com&gt;<br>Date: Mon<br>Subject: x"
            "<br>To: me<br></div><br>Hello there</div></div>"
        ),
        (
            "FYI ---------- Forwarded message --------- From: Bob <b@x.com> Date: Mon Subject: x To: me "
            "Hello there"
        ),
        "",
    ),
    (
        "apple",
        (
            '<html><body>Danke!<br><div><br><blockquote type="cite"><div>Am 03.03.2025 um 10:00 '
            "schrieb Help &lt;h@e.net&gt;:</div><br><div>Geht es?</div></blockquote></div></body></html>"
        ),
        "Danke!",
        "",
    ),
    (
        "apple inline",
        (
            '<html><body><div><blockquote type="cite"><div>Am 03.03.2025 um 10:00 schrieb Help '
            "&lt;h@e.net&gt;:</div><div>Frage eins?</div></blockquote></div><div>Antwort eins</div><div>"
            '<blockquote type="cite"><div>Frage zwei?</div></blockquote></div><div>Antwort zwei</div>'
            "</body></html>"
        ),
        "Antwort eins Antwort zwei",
        "",
    ),
    (
        "iphone",
        (
            '<html><body dir="auto"><div>Ok</div><div><br></div><div id="AppleMailSignature">Von '
            "meinem iPhone gesendet</div><div><br>Am 03.03.2025 um 10:00 schrieb Help &lt;h@e.net&gt;:"
            '<br><br></div><blockquote type="cite"><div>Geht es?</div></blockquote></body></html>'
        ),
        "Ok",
        "",
    ),
    (
        "yahoo",
        (
            '<div class="ydp1"><div>I tried it.</div></div><div id="yahoo_quoted_123" '
            'class="yahoo_quoted"><div style="font"><div>On Monday, March 3, 2025, 10:00:00 AM GMT, '
            "Help &lt;h@e.net&gt; wrote:</div><div>Try it</div></div></div>"
        ),
        "I tried it.",
        "",
    ),
    (
        "proton",
        (
            '<div style="font-family: Arial">Works</div><div class="protonmail_signature_block"><div '
            'class="protonmail_signature_block-proton">Sent with <a href="https://proton.me">Proton '
            'Mail</a> secure email.</div></div><div class="protonmail_quote">On Monday, March 3rd, '
            '2025 at 10:00 AM, Help &lt;h@e.net&gt; wrote:<br><blockquote class="protonmail_quote" '
            'type="cite">Hi</blockquote></div>'
        ),
        "Works",
        "",
    ),
    (
        "thunderbird",
        (
            '<p>Top</p><div class="moz-cite-prefix">Qualche cosa 03/03/25 10:00, Help xyz:<br></div>'
            '<blockquote type="cite" cite="mid:x"><p>Q</p></blockquote><p>Bottom</p><pre '
            'class="moz-signature">-- \nMax</pre>'
        ),
        "Top Bottom",
        "",
    ),
    (
        "gmx",
        (
            '<div>Ich habe es probiert</div><div name="quote" style="margin:10px 5px 5px 10px; '
            'padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div><b>Gesendet:</b> Montag<br>'
            "<b>Von:</b> h@e.net</div>Text</div>"
        ),
        "Ich habe es probiert",
        "",
    ),
    (
        "roundcube",
        (
            '<p>Antwort</p><p id="reply-intro">Am 2025-03-03 10:00, schrieb Help:</p><blockquote '
            'type="cite" style="padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0"><p>x</p>'
            "</blockquote>"
        ),
        "Antwort",
        "",
    ),
    (
        "zoho",
        (
            '<div>Reply</div><div class="zmail_extra"><div>---- On Mon, 03 Mar 2025 10:00:00 +0100 <b>'
            "Help &lt;h@e.net&gt;</b> wrote ---</div><blockquote>Hi</blockquote></div>"
        ),
        "Reply",
        "",
    ),
    (
        "yahoo mobile",
        (
            '<div>Still no parcel</div><div id="ymail_android_signature"><a href="https://x.y">Sent '
            'from Yahoo Mail on Android</a></div> <blockquote style="margin: 0 0 20px 0;"><div '
            'style="font-family:Roboto"><div>On Mon, Mar 3, 2025 at 10:00 AM, Help</div><div>'
            '&lt;h@e.net&gt; wrote:</div></div><div style="padding:10px 0 0 20px;border-left:1px solid '
            '#6D00F6;">text</div></blockquote><div>and one more thing</div>'
        ),
        "Still no parcel and one more thing",
        "",
    ),
    (
        "notes html",
        (
            "<p>Danke</p><table><tr><td>Von:</td><td>Help &lt;h@e.net&gt;</td></tr><tr><td>An:</td><td>"
            "max@x.de</td></tr><tr><td>Datum:</td><td>03.03.2025 10:00</td></tr><tr><td>Betreff:</td><td>"
            "Kessel</td></tr></table><p>Text</p>"
        ),
        "Danke",
        "",
    ),
    (
        "new outlook",
        (
            '<div>Ok</div><div id="ms-outlook-mobile-signature"><div>Get <a '
            'href="https://aka.ms/x">Outlook for iOS</a></div></div><div '
            'id="mail-editor-reference-message-container"><hr><div><b>Van:</b> Help<br><b>Verzonden:'
            "</b> maandag</div><div>text</div></div>"
        ),
        "Ok",
        "",
    ),
)


PHONES = (
    "Sent from my iPhone",
    "Sent from my iPad",
    "Sent from my Samsung Galaxy smartphone.",
    "Sent from my Galaxy",
    "Sent from Samsung Mobile",
    "Sent from Yahoo Mail for iPhone",
    "Sent from Yahoo Mail on Android",
    "Sent from Mail for Windows",
    "Sent from Mail for Windows 10",
    "Sent from Outlook for iOS",
    "Get Outlook for Android",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Sent from Proton Mail for iOS",
    "Sent from Proton Mail Android",
    "Sent with Proton Mail secure email.",
    "Sent with BlueMail for Android",
    "Sent from my BlackBerry 10 smartphone on the Vodafone network.",
    "Sent from K-9 Mail",
    "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "Von meinem iPhone gesendet",
    "Von meinem Samsung Galaxy Smartphone gesendet.",
    "Gesendet von Outlook für iOS",
    "Gesendet von Mail für Windows",
    "Gesendet mit der GMX Mail App",
    "Gesendet mit der WEB.DE Mail App",
    "Diese Nachricht wurde von meinem Android Mobiltelefon mit WEB.DE Mail gesendet.",
    "Diese Nachricht wurde von meinem Android Mobiltelefon mit GMX Mail gesendet.",
    "Gesendet von Yahoo Mail auf Android",
    "Holen Sie sich Outlook für iOS",
    "Envoyé de mon iPhone",
    "Envoyé depuis mon appareil Galaxy",
    "Envoyé à partir de Outlook pour iOS",
    "Télécharger Outlook pour Android",
    "Obtenez Outlook pour iOS",
    "Envoyé depuis l'application Mail Orange",
    "Enviado desde mi iPhone",
    "Enviado desde Outlook para Android",
    "Obtener Outlook para iOS",
    "Enviado do meu iPhone",
    "Obter o Outlook para iOS",
    "Inviato da iPhone",
    "Inviato da Outlook per Android",
    "Ottieni Outlook per iOS",
    "Inviato da Libero Mail per Android",
    "Verstuurd vanaf mijn iPhone",
    "Verzonden vanuit Outlook voor Android",
    "Outlook voor iOS downloaden",
    "Skickat från min iPhone",
    "Skaffa Outlook för iOS",
    "Sendt fra min iPhone",
    "Sendt fra Outlook til iOS",
    "Sendt fra min iPad",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone'a",
    "Wysłano z mojego telefonu Samsung",
    "Pobierz aplikację Outlook dla systemu Android",
    "Odesláno z iPhonu",
    "Odoslané z iPhonu",
    "iPhone'umdan gönderildi",
    "Samsung cihazımdan gönderildi",
    "Outlook for Android uygulamasını edinin",
    "Отправлено с iPhone",
    "Отправлено из Mail.ru для Android",
    "Отправлено из мобильной Яндекс Почты",
    "Отправлено из Яндекс.Почты для мобильных",
    "Надіслано з iPhone",
    "iPhoneから送信",
    "Outlook for iOS を入手",
    "从我的 iPhone 发送",
    "发自我的 iPhone",
    "发自我的手机",
    "發自我的 iPhone",
    "从我的iPad发送",
    "我的iPhone發送",
    "获取 Outlook for iOS",
    "나의 iPhone에서 보냄",
    "iPhone에서 보냄",
    "Android용 Outlook 다운로드",
    "تم الإرسال من iPhone",
    "أُرسلت من الـ iPhone الخاص بي",
    "نُشر من iPhone",
    "מה-iPhone שלי",
    "נשלח מה-iPhone שלי",
    "נשלח מ-Outlook עבור Android",
    "Trimis de pe iPhone-ul meu",
    "Elküldve az iPhone-omról",
    "Στάλθηκε από το iPhone μου",
    "Gửi từ iPhone của tôi",
    "Dikirim dari iPhone saya",
    "Inviato dal mio dispositivo Android con K-9 Mail.",
    "Sent via Superhuman iOS",
    "Sent from Front",
)
"""What telephones and apps put below a mail."""

ABOUT_PHONES = (
    "Sent the phone back yesterday.",
    "Mon téléphone ne marche plus",
    "Das Handy wurde am Montag gesendet",
    "Das iPhone wurde von mir versendet",
    "Telefon gönderildi",
    "my phone was sent",
    "the ios app crashes with Outlook",
    "Outlook on Android shows nothing",
    "von meinem Handy ging es nicht",
    "Enviado el móvil ayer",
    "Lähetetty puhelin takaisin",
    "Wysłano telefon w poniedziałek",
    "Отправлено телефон почтой",
    "sendt telefonen tilbage",
    "Inviato il telefono ieri",
    "mit meinem Samsung geht es nicht",
    "Mon iPhone est cassé",
    "Envoyé le téléphone hier",
    "von meiner Sony Kamera kam nichts",
    "내 휴대폰이 고장났어요",
    "나의 iPhone 고장",
    "来自 iPhone 的照片丢了",
    "Sent from Berlin",
    "Outlook for the week is good",
    "I sent my iPhone back",
    "Envoyé hier",
    "The Android app does not work",
    "Sent only the phone",
    "Sent on Monday: the phone",
    "我的手机坏了",
)
"""What people write about their telephones and apps."""
