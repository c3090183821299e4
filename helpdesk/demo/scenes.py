"""What customers of the demo shop write about, and how it goes on. Invented people, invented shop."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scene:
    """A kind of request: `{item}`, `{order}` and `{name}` are filled in; `more` is the customer's next word."""

    team: str
    subject: str
    opening: str
    answer: str
    more: str = ""
    last: str = ""
    note: str = ""
    priority: int = 2
    thanks: str = ""


ITEMS = (
    "Skarv down jacket",
    "Fjell rucksack 45 l",
    "Lynge two-person tent",
    "Tinde trekking boots",
    "Sval sleeping bag",
    "Glimt head torch",
    "Kval stove",
    "Myr rain trousers",
    "Ur merino shirt",
    "Strand sleeping mat",
)

PEOPLE = (
    ("Lena Hartmann", "lena.hartmann@example.de"),
    ("Ines Okafor", "ines.okafor@example.com"),
    ("Piotr Wasik", "p.wasik@example.pl"),
    ("Tomás Rivera", "tomas.rivera@example.es"),
    ("Aiko Sato", "aiko.sato@example.jp"),
    ("Callum Reid", "callum@reid.example"),
    ("Noor El Amrani", "noor@example.nl"),
    ("Bertil Åkesson", "bertil.akesson@example.se"),
    ("Grace Achieng", "grace.achieng@example.org"),
    ("Rannvá Joensen", "rannva@example.fo"),
    ("Hedda Lindqvist", "hedda.lindqvist@example.se"),
    ("Matteo Greco", "matteo.greco@example.it"),
    ("Sorcha Byrne", "sorcha.byrne@example.ie"),
    ("Jonas Weber", "jonas.weber@example.de"),
    ("Camille Laurent", "camille.laurent@example.fr"),
    ("Marek Dvořák", "marek.dvorak@example.cz"),
    ("Freja Nielsen", "freja@example.dk"),
    ("Samuel Adeyemi", "s.adeyemi@example.co.uk"),
    ("Olivia Brandt", "olivia.brandt@example.at"),
    ("Yusuf Demir", "yusuf.demir@example.com"),
    ("Sofia Papadaki", "sofia.papadaki@example.gr"),
    ("Henrik Solberg", "henrik.solberg@example.no"),
    ("Anneke de Vries", "anneke@devries.example"),
    ("Luca Moretti", "luca.moretti@example.it"),
    ("Maja Kovač", "maja.kovac@example.hr"),
    ("Pavel Novák", "pavel.novak@example.cz"),
    ("Zoë Janssens", "zoe.janssens@example.be"),
    ("Emil Korhonen", "emil.korhonen@example.fi"),
    ("Ruth Steiner", "ruth.steiner@example.ch"),
    ("Daniel Costa", "daniel.costa@example.pt"),
    ("Ingrid Haugen", "ingrid.haugen@example.no"),
    ("Tobias Frank", "tobias.frank@example.de"),
    ("Amélie Dubois", "amelie.dubois@example.fr"),
    ("Kofi Mensah", "kofi.mensah@example.com"),
    ("Elif Yıldız", "elif.yildiz@example.com"),
    ("Scout group Malmö", "info@scouts-malmo.example"),
    ("Studio Vinter ApS", "office@studiovinter.example"),
    ("Nils Bergström", "nils.bergstrom@example.se"),
)

SCENES = (
    Scene(
        "Orders and delivery",
        "Parcel says delivered, nothing here",
        "Hello,\n\nI ordered the {item} (order {order}). The tracking page says the parcel was handed to a "
        "neighbour today, but I was at home all day and asked everyone in the building. Nobody has it.\n\n"
        "Can you find out where it is?\n\n{name}",
        "Hello {name},\n\nthank you for checking with your neighbours first. I have asked the carrier for the "
        "delivery photo and the position. You hear from me as soon as they answer.",
        "Any news? I need it for the weekend.",
        "The photo shows the door across the street. Could you ring there? If it is not with them I send a new "
        "one today by express.",
        "Same driver as two tickets last week. Photo there showed the house opposite.",
        3,
        "It was there. Thank you so much for staying with it!",
    ),
    Scene(
        "Orders and delivery",
        "Can I change the delivery address?",
        "Hi,\n\nI typed my old flat by mistake in order {order}. It has not shipped yet, I think. "
        "Can you send it to the new one?\n\nBest,\n{name}",
        "Hello {name},\n\nit has not left the warehouse. Please send me the full new address and I change it "
        "right away.",
        "Lindenstraße 14, second floor. Thank you!",
        "Changed, and the label is printed with the new address. It leaves today.",
    ),
    Scene(
        "Orders and delivery",
        "Where is order {order}?",
        "Hello,\n\nmy order {order} was supposed to arrive last week. The tracking has not moved since.\n\n{name}",
        "Hello {name},\n\nI am sorry for the wait. The parcel missed a scan at the hub; the carrier moves it on "
        "tonight and it should be with you in two days.",
        "",
        "",
        "Carrier hub strike, about forty parcels. List is with the carrier.",
        2,
        "Arrived this morning, thanks.",
    ),
    Scene(
        "Orders and delivery",
        "Charged twice for the same order",
        "Hello,\n\nmy bank shows two payments for order {order}. I paid once only. Please check.\n\n{name}",
        "Hello {name},\n\nyou are right, our payment provider booked it twice. The second payment is on its way "
        "back; banks take two to four days.",
        "The money has not arrived yet.",
        "I asked the provider again: it was released yesterday evening. Tell me if it is not there by Friday.",
        "Provider confirmed a double capture between 18:00 and 18:20 that evening.",
        3,
    ),
    Scene(
        "Orders and delivery",
        "Discount code was not applied",
        "The code from the newsletter was accepted for order {order}, but the total stayed the same.\n\n{name}",
        "Hello {name},\n\nthe code did not count for items already reduced, and the page did not say so. I have "
        "refunded the difference.",
        thanks="That is kind, thank you.",
    ),
    Scene(
        "Orders and delivery",
        "Do you ship to the islands?",
        "Checkout does not list us, but a friend got a {item} from you last year. Do you ship here?\n\n{name}",
        "Hello {name},\n\nwe do, with a surcharge of 9 euros. Order to any address, write to us with the number "
        "before it ships and we change the label.",
        priority=1,
    ),
    Scene(
        "Orders and delivery",
        "Invoice with our VAT number, please",
        "We need our VAT number on the invoice of order {order} for our bookkeeper.\n\n{name}",
        "Hello,\n\nhappily. Which number and company name should it carry?",
        "DK 38 11 20 45, Studio Vinter ApS.",
        "Attached is the new invoice. Have a good day.",
        "",
        1,
    ),
    Scene(
        "Returns",
        "Wrong size, need to swap",
        "Hello,\n\nthe {item} from order {order} is one size too small. Could I swap it? I need it before the "
        "first of the month.\n\n{name}",
        "Hello {name},\n\nof course. I have put the next size aside for you. The return label is in your "
        "customer page; as soon as it is scanned, the other one leaves.",
        "Dropped it off just now.",
        "Scanned. The new size is on its way, it arrives tomorrow.",
    ),
    Scene(
        "Returns",
        "Return label will not scan",
        "They could not scan the QR code at the post office. I do not own a printer. What now?\n\n{name}",
        "Hello {name},\n\nI ordered a printed label for you, it comes by letter in two days. Take your time, the "
        "return window is extended by a week.",
        "",
        "",
        "",
        2,
        "Letter came, parcel is away. Thank you.",
    ),
    Scene(
        "Returns",
        "When do I get my money back?",
        "I sent back the {item} of order {order} ten days ago. When do I get my money back?\n\n{name}",
        "Hello {name},\n\nit reached us on Tuesday and was checked today. The refund leaves tonight; banks take "
        "three to five days.",
        "I still see nothing on my account.",
        "It was booked on Friday under the reference of your order. If it is not there tomorrow I send you the "
        "bank's receipt.",
    ),
    Scene(
        "Returns",
        "One of two jackets missing in the return",
        "Your mail says only one jacket came back, but both were in the box.\n\n{name}",
        "Hello {name},\n\nI asked the warehouse to look again and weigh the box. Give us until tomorrow noon.",
        "",
        "Both were in the box: the second had been put on the wrong shelf. You get the full refund.",
        "Weight on arrival was 2.1 kg, so both were in there.",
        2,
        "Thank you for looking again.",
    ),
    Scene(
        "Product help",
        "Tent pole snapped on first pitch",
        "I set up the {item} in the garden to test it and the second pole section cracked. We leave on Friday."
        "\n\n{name}",
        "Hello {name},\n\nthat should not happen. I send a new set of poles today by express, no return needed. "
        "A photo of the crack would help our quality team.",
        "Photo is attached. Will they come before Friday?",
        "They are with the carrier and arrive on Thursday before noon.",
        "Third one from this batch. Told purchasing.",
        4,
        "Poles are here and we are packed. Thank you!",
    ),
    Scene(
        "Product help",
        "Stove leaks at the valve when it is warm",
        "I stopped using the {item} straight away. You can hear the hiss. Is this dangerous?\n\n{name}",
        "Hello {name},\n\nyou did the right thing. Please do not use it again. We collect it and send a new one; "
        "when would a pick-up suit you?",
        "Tomorrow after four.",
        "Booked: tomorrow between four and six. The new stove leaves today.",
        "Safety: serial number logged, batch checked.",
        4,
    ),
    Scene(
        "Product help",
        "Zip has come off, is this covered?",
        "The zip of my {item} has come off. Bought in March last year. Is this covered by the warranty?\n\n{name}",
        "Hello {name},\n\nit is: three years on zips. Send it in with the label I put on your page, the repair "
        "takes about a week.",
        "",
        "",
        "",
        1,
        "Great service, thank you.",
    ),
    Scene(
        "Product help",
        "Head torch firmware update fails at 80 percent",
        "The update of the {item} stops at 80 percent, every time, with two cables.\n\n{name}",
        "Hello {name},\n\nplease hold the button for ten seconds until it blinks red, then start the update again.",
        "Same thing, 80 percent.",
        "Then it is the charging port. Our supplier checks whether a replacement part helps; I write to you as "
        "soon as they answer.",
        "Supplier has a new revision, waiting for their answer.",
        2,
    ),
    Scene(
        "Product help",
        "Sleeping bag smells strongly of plastic",
        "The {item} smells strongly of plastic, even after two days on the balcony.\n\n{name}",
        "Hello {name},\n\ncould you send a photo of the care label? One batch was packed too early, and I want to "
        "see whether yours is of it.",
    ),
    Scene(
        "Product help",
        "24 sleeping mats for a group, is there a trade price?",
        "We camp in April and would pick up in Malmö if possible. Is there a price for groups?\n\n{name}",
        "Hello,\n\nfrom 20 pieces it is 15 % off, and pick-up is possible. Shall I put them aside for you?",
        "Yes please, until the end of the month.",
        "They are yours until the 30th.",
        "",
        1,
    ),
    Scene(
        "Product help",
        "Which size for the {item}?",
        "I am between two sizes and would wear it over a fleece. Which size do you suggest?\n\n{name}",
        "Hello {name},\n\ntake the larger one: it is cut close. You can swap it for free if it does not fit.",
        "",
        "",
        "",
        1,
        "Perfect, ordered.",
    ),
    Scene(
        "Product help",
        "How do I wash the {item}?",
        "The label is gone. Machine or by hand?\n\n{name}",
        "Hello {name},\n\nmachine, 30 degrees, no softener, and dry it flat. It takes two days to dry through.",
        priority=1,
    ),
)
