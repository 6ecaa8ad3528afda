"""What money is called: signs and codes before a number, and names after it."""

from collections.abc import Iterator, Mapping

type Phrase = tuple[str, ...]

# What currencies are called, and whose each of them is.
_OF_LANDS: Mapping[str, Mapping[str, str]] = {
    "dollar dollars": {
        "us": "USD", "american": "USD", "australian": "AUD", "canadian": "CAD",
        "singapore": "SGD", "hong kong": "HKD", "new zealand": "NZD", "new taiwan": "TWD",
        "taiwan": "TWD", "jamaican": "JMD", "zimbabwean": "ZWL", "namibian": "NAD",
    },
    "pound pounds": {
        "british": "GBP", "egyptian": "EGP", "lebanese": "LBP", "syrian": "SYP",
        "sudanese": "SDG", "south sudanese": "SSP",
    },
    "franc francs": {"swiss": "CHF", "congolese": "CDF", "rwandan": "RWF", "burundian": "BIF"},
    "krone kroner crowns": {"danish": "DKK", "norwegian": "NOK"},
    "krona kronor kroner crowns": {"swedish": "SEK"},
    "krona kronur": {"icelandic": "ISK"},
    "koruna korunas crowns": {"czech": "CZK"},
    "shilling shillings": {
        "kenyan": "KES", "tanzanian": "TZS", "ugandan": "UGX", "somali": "SOS",
    },
    "rupee rupees": {
        "indian": "INR", "pakistani": "PKR", "sri lankan": "LKR", "nepalese": "NPR",
        "nepali": "NPR", "mauritian": "MUR",
    },
    "won": {"south korean": "KRW", "north korean": "KPW"},
    "peso pesos": {
        "mexican": "MXN", "argentine": "ARS", "argentinian": "ARS", "chilean": "CLP",
        "colombian": "COP", "philippine": "PHP", "cuban": "CUP", "uruguayan": "UYU",
    },
    "lira liras": {"turkish": "TRY"},
    "rouble roubles ruble rubles": {"russian": "RUB", "belarusian": "BYN"},
    "dinar dinars": {
        "iraqi": "IQD", "kuwaiti": "KWD", "jordanian": "JOD", "algerian": "DZD",
        "tunisian": "TND", "serbian": "RSD", "libyan": "LYD", "bahraini": "BHD",
    },
    "riyal riyals rial rials": {
        "saudi": "SAR", "qatari": "QAR", "omani": "OMR", "iranian": "IRR", "yemeni": "YER",
    },
    "dirham dirhams": {"moroccan": "MAD", "emirati": "AED", "uae": "AED"},
    "yuan": {"chinese": "CNY"},
    "yen": {"japanese": "JPY"},
    "shekel shekels": {"israeli": "ILS"},
    "rand": {"south african": "ZAR"},
    "real reais": {"brazilian": "BRL"},
}  # fmt: skip
#: Names that one land's currency alone has today, by their singular.
ALONE: Mapping[str, str] = {
    "euro": "EUR", "yuan": "CNY", "renminbi": "CNY", "yen": "JPY", "zloty": "PLN", "baht": "THB",
    "naira": "NGN", "rand": "ZAR", "ringgit": "MYR", "rupiah": "IDR", "dong": "VND",
    "taka": "BDT", "forint": "HUF", "koruna": "CZK", "hryvnia": "UAH", "tenge": "KZT",
    "shekel": "ILS", "cedi": "GHS", "birr": "ETB", "kyat": "MMK", "riel": "KHR", "tugrik": "MNT",
}  # fmt: skip
# Names of money that is gone, of parts of money, and of more than one land's.
_OTHERS = (
    "lire lei leu lev leva guinea guineas pence penny pennies cent cents shilling shillings won "
    "peseta pesetas drachma drachmas escudo escudos guilder guilders deutschmark deutschmarks "
    "reichsmark reichsmarks ducat ducats florin florins thaler thalers sesterces groschen kopeks "
    "sterling kr"
)
#: Signs and codes before a number.
MONEY: dict[str, str] = {
    **dict.fromkeys(("$", "US$"), "USD"),
    **{"HK$": "HKD", "NZ$": "NZD", "A$": "AUD", "C$": "CAD", "CA$": "CAD", "S$": "SGD"},
    **{"NT$": "TWD", "R$": "BRL", "€": "EUR", "£": "GBP", "¥": "JPY", "CN¥": "CNY"},
    **{"₹": "INR", "₩": "KRW", "₽": "RUB", "₪": "ILS", "₦": "NGN", "₴": "UAH", "฿": "THB"},
    **{"RMB": "CNY", "RS": "INR", "SFR": "CHF", "KSH": "KES", "TSH": "TZS", "USH": "UGX"},
    **{"DKR": "DKK", "NKR": "NOK", "SKR": "SEK"},
    **{
        code: code
        for code in (
            *("USD", "EUR", "GBP", "JPY", "CNY", "CHF", "AUD", "CAD", "HKD", "NZD", "SGD", "INR"),
            *("KRW", "RUB", "BRL", "ZAR", "MXN", "SEK", "NOK", "DKK", "PLN", "TRY", "KPW", "UAH"),
        )
    },
}


def _named() -> Iterator[tuple[str, Phrase, str]]:
    """Yield each name of a currency with its land: the name, both, and the code."""
    for names, lands in _OF_LANDS.items():
        for name in names.split():
            for land, code in lands.items():
                yield name, (*land.split(), name), code


#: Names with their lands, as `danish kroner`.
CURRENCIES: dict[Phrase, str] = {
    **{phrase: code for _, phrase, code in _named()},
    **{("pound", "sterling"): "GBP", ("pounds", "sterling"): "GBP"},
}
_PLURALS = {
    plural: code for name, code in ALONE.items() for plural in (f"{name}s", f"{name}es", name)
} | {"zlotys": "PLN", "zlotych": "PLN", "hryvnias": "UAH"}
#: Every word that is a name of money, in the singular and in the plural.
MONEY_WORDS = frozenset((*(name for name, _, _ in _named()), *_PLURALS)) - {"real"}
#: Names after a number in which what is counted stands in the plural, those of old money too.
MONEY_NAMES = MONEY_WORDS | set(_OTHERS.split())
#: Names that say nothing new where a sign has said whose: `$1 billion dollars`.
SHORT_CURRENCIES: dict[str, frozenset[str]] = {
    name: frozenset(code for other, _, code in _named() if other == name)
    for name in (*(name for name, _, _ in _named()), "pound", "pounds")
} | {name: frozenset((code,)) for name, code in _PLURALS.items()}
#: Every code that is known by a name or a sign.
CODES = frozenset((*MONEY.values(), *CURRENCIES.values(), *ALONE.values()))
