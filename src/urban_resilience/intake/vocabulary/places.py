"""Places as people write them: cities of the study, and everything that is no city of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from urban_resilience.intake.cells.numbers import is_missing
from urban_resilience.intake.cells.text import REMEMBERED, clean_header
from urban_resilience.shared.project import seed_rows

# A city of the study; one that is no more; leagues, regions and autonomous prefectures; counties,
# districts and county-level cities; provinces; totals and parts of the country.
CITY, FORMER, PREFECTURE, COUNTY, PROVINCE, TOTAL = (
    "city", "former", "prefecture", "county", "province", "total",
)  # fmt: skip
NO_PLACE = "000000"
MUNICIPALITIES = ("11", "12", "31", "50")
# Counties and county-level cities directly under a province: 4290xx, 4690xx, 6590xx.
DIRECT_COUNTIES = "90"
_CITY_SUFFIXES = ("市", "地区", "自治州", "盟")
_COUNTY_SUFFIXES = ("自治县", "自治旗", "林区", "新区", "市", "县", "区", "旗")
_PROVINCE_SUFFIX = re.compile(
    r"(?:壮族|回族|维吾尔)?自治区$|省$|市$|\s+province$"
    r"|\s+(?:(?:zhuang|hui|uygh?ur)\s+)?autonomous region$|\s+municipality$"
)
# Dots lead from a name to its figures.
_LETTERS = re.compile(r"[\s'’‘`´ʹʻʼ\-·]+|\.{2,}")
_ENGLISH_SUFFIX = re.compile(
    r"^(?:city|municipality|prefecture)\s+of\s+|\s+(?:(?:[a-z]+\s+)*autonomous\s+prefecture|prefecture(?:-level)?\s+city"
    r"|city|shi|municipality|prefecture|league)$"
)
_BARE = {
    letter: unicodedata.normalize("NFD", letter)[0]
    for letter in map(chr, range(0xC0, 0x250))
    if unicodedata.normalize("NFD", letter)[0].isascii()
}
_COUNTRY = re.compile(r"^(?:中国|中华人民共和国|china\b[\s,/-]*)|[\s,/(-]+china\)?$|\(中国\)$")
_ENGLISH_COUNTY = re.compile(r"[a-z' ]+\s+(?:autonomous\s+)?(?:county|district|banner)")
_BEHIND_COMMA = re.compile(r"\s*[,;()]\s*")
_GLUED_CITY = re.compile(r"([a-z]{4,})shi")
_LATIN = re.compile(r"[A-Za-zÀ-ž'’]+")
_PARTS = re.compile(r"[\s,;:/_()\->·]+")
_TOTAL = re.compile(
    r".*(?:合计|总计|小计|总和|平均|平均值|平均水平|均值|中位数|标准差|方差|最大值|最小值|城市群|都市圈|经济圈|经济区|经济带|三角洲)"
    r"|全国|全省|全区|全部|总值|总数|计|国家|中国|(?:长三角|珠三角|京津冀|成渝|环渤海|粤港澳大湾区|长江经济带)(?:地区)?"
    r"|其[他它](?:城市|地区)?|省会(?:城市)?"
    r"|(?:全国|全省|全部|所有|各|其[他它]|样本|大中|沿海|内陆|副省级|地级|县级|直辖|资源型|特大|超大|大|中等|小)*"
    r"(?:地级及以上|地级以上|副省级及以上)?(?<!^)(?:城市|地级市|地市)|计划单列市|直辖市"
    r"|(?:东部|中部|西部|东北|东北部|华北|华东|华南|华中|西北|西南|沿海|内陆|南方|北方)(?:地区)?"
    r"|(?:national|grand|sub|overall|provincial|whole)?(?:total|sum|average|mean|median)s?"
    r"|地级市|national|nationwide|overall|all(?:cities|prefectures|sample)?|(?:whole)?(?:country|province|nation)|china"
    r"|std(?:\.?dev\.?)?|standarddeviation|max(?:imum)?|min(?:imum)?"
    r"|(?:eastern|central|western|northeastern)(?:region|china)?|others?"
)
_AROUND_TOTAL = re.compile(r"^(?:[(]?[一二三四五六七八九十]+[)]?[、.,]|其中:|#)|^[(*]+|[):*]+$")
# 保定市(修订): its figures are of another time, the place is the same.
_REVISION = re.compile(r"\((?:修订|订正|调整|初步|快报|终核|核定)(?:后|数|值)?\)$")
# The whole of a city, and the part of it that its districts are (codes ending in 01).
_WHOLE, _PROPER = ("全市", "全域"), ("市辖区", "辖区", "市区")


@dataclass(frozen=True)
class Place:
    """A place with its six-digit code, its kind and its full Chinese name."""

    code: str
    kind: str
    name: str

    @property
    def province(self) -> str:
        """Two digits."""
        return self.code[:2]


@dataclass
class _Index:
    by_code: dict[str, Place] = field(default_factory=dict)
    # Codes of earlier years to the city of today.
    mapped: dict[str, Place] = field(default_factory=dict)
    full: dict[str, dict[Place, None]] = field(default_factory=dict)
    short: dict[str, dict[Place, None]] = field(default_factory=dict)
    counties: dict[str, dict[Place, None]] = field(default_factory=dict)
    provinces: dict[str, str] = field(default_factory=dict)


def _plain(text: object) -> str:
    return _LETTERS.sub("", _ENGLISH_SUFFIX.sub("", _without_tones(clean_header(text))))


def _without_tones(text: str) -> str:
    """Spell pinyin without marks: Xī'ān as Xi'an, Lüliang as Luliang."""
    if text.isascii():
        return text
    return "".join(_BARE.get(letter, letter) for letter in text)


def _without(name: str, suffixes: Iterable[str]) -> str:
    """Cut a suffix off; two characters must remain: 沙市 would become 沙."""
    for suffix in suffixes:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


@cache
def _index() -> _Index:
    index = _Index()

    def learn(names: dict[str, dict[Place, None]], name: str, place: Place) -> None:
        names.setdefault(name, {})[place] = None

    def learn_english(name: str, place: Place) -> None:
        learn(index.short, _plain(name), place)
        # `Suzhou (Anhui)`: alone the name says nothing.
        learn(index.short, _plain(name.split("(")[0]), place)

    for row in seed_rows("provinces"):
        code, name = row["province_code"], row["province_name_zh"]
        short = _PROVINCE_SUFFIX.sub("", name)
        for spelling in (name, short, row["province_name_en"]):
            index.provinces[_plain(spelling)] = code
        if code not in MUNICIPALITIES:
            place = Place(code + "0000", PROVINCE, name)
            index.by_code[place.code] = place
            learn(index.full, _plain(name), place)
            learn(index.short, short, place)
            learn_english(row["province_name_en"], place)
    for row in seed_rows("cities"):
        place = Place(row["city_code"], CITY, row["city_name_zh"] or row["city_name_en"])
        index.by_code[place.code] = place
        learn(index.full, _plain(place.name), place)
        learn(index.short, _without(_plain(place.name), _CITY_SUFFIXES), place)
        learn_english(row["city_name_en"], place)
    for row in seed_rows("city_changes"):
        old, name = row["old_code"], row["old_name_zh"]
        if row["decision"] == "map":
            place = index.by_code[row["new_code"]]
            if old != place.code:
                index.mapped[old] = place
        else:
            place = Place(old, FORMER, name)
            index.by_code[old] = place
        full, short = _plain(name), _without(_plain(name), _CITY_SUFFIXES)
        # 南宁地区 was not the city of 南宁: the full name goes first.
        learn(index.full, full, place)
        if short not in index.short:
            learn(index.short, short, place)
    for row in seed_rows("other_places"):
        place = Place(row["place_code"], row["kind"], row["place_name_zh"])
        if place.code not in index.mapped:
            index.by_code[place.code] = place
        name = _plain(place.name)
        if place.kind == COUNTY:
            learn(index.counties, name, place)
            learn(index.counties, _without(name, _COUNTY_SUFFIXES), place)
        else:
            learn(index.full, name, place)
            learn_english(row["place_name_en"], place)
    for row in seed_rows("place_aliases"):
        place = index.by_code[row["place_code"]]
        learn(index.short, _plain(row["alias"]), place)
        if place.code.endswith("0000"):
            index.provinces[_plain(row["alias"])] = place.province
    return index


@cache
def _provinces_longest_first() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(_index().provinces.items(), key=lambda item: -len(item[0])))


@cache
def codes_like_marks() -> frozenset[str]:
    """Return the codes of the study's list that elsewhere mean "no figure", in small letters.

    `ND` is North Dakota, `NA` Namibia.
    """
    return frozenset(code.casefold() for code in _index().by_code if is_missing(code))


def place_of_code(digits: str) -> Place | None:
    """Return the place of a code of 2 to 12 digits, None where no place can have it.

    Codes of 9 and 12 digits are of townships and streets unless they end in zeros; those of 4 and 2
    digits are of prefectures and provinces.
    """
    index = _index()
    if len(digits) in (2, 4):
        digits += "0" * (6 - len(digits))
    code, rest = digits[:6], digits[6:]
    if len(code) != 6 or code[:2] not in index.provinces.values():
        return None
    within_county = bool(rest.strip("0")) or code[4:] != "00"
    if code in index.mapped and not rest.strip("0"):
        return index.mapped[code]
    if code in index.by_code and not rest.strip("0"):
        return index.by_code[code]
    if code[:2] in MUNICIPALITIES and code[2:] == "0100" and not within_county:
        # The districts of a municipality: its own code in lists of prefectures.
        return index.by_code.get(code[:2] + "0000")
    in_counties = code[:2] in MUNICIPALITIES and code[2:] == "0200"
    if within_county or code[2:4] == DIRECT_COUNTIES or in_counties:
        known = index.by_code.get(code)
        return Place(code, COUNTY, known.name if known is not None and known.kind == COUNTY else "")
    return None


def city_around(place: Place) -> Place | None:
    """Return the city that a county lies in by its code, None where there is none."""
    index = _index()
    code = place.code[:4] + "00"
    if place.province in MUNICIPALITIES:
        code = place.province + "0000"
    found = index.mapped.get(code) or index.by_code.get(code)
    return found if found is not None and found.kind in (CITY, FORMER) else None


def province_of(text: object) -> str | None:
    """Return the two digits of the province that a cell names, None where it names none."""
    return _province_of(clean_header(text))


@lru_cache(maxsize=REMEMBERED)
def _province_of(plain: str) -> str | None:
    digits = re.fullmatch(r"(\d{2})(?:0000)?(?:\.0)?", plain)
    provinces = _index().provinces
    if digits:
        return digits.group(1) if digits.group(1) in provinces.values() else None
    plain = _without_tones(plain)
    stripped = _LETTERS.sub("", plain)
    return provinces.get(stripped) or provinces.get(
        _LETTERS.sub("", _PROVINCE_SUFFIX.sub("", plain))
    )


def is_city_proper(name: object) -> bool:
    """Whether a name, beside the code of a city, is of its districts alone."""
    return _plain(name) in _PROPER


def is_total(name: object) -> bool:
    """Whether a name is of a total, a mean or a part of the country."""
    plain = _LETTERS.sub("", clean_header(name))
    return bool(_TOTAL.fullmatch(plain) or _TOTAL.fullmatch(_AROUND_TOTAL.sub("", plain)))


@cache
def places_named(name: str, province: str | None = None) -> tuple[Place, ...]:
    """Return the places that a name can mean: one, none, or several that share it.

    Parameters
    ----------
    name
        Chinese or English, in full or short, with its province or its city before it.
    province
        Two digits; places elsewhere are left out.
    """
    if is_total(name):
        return (Place(NO_PLACE, TOTAL, str(name).strip()),)
    plain = _plain(name)
    # In a text file every figure is a text.
    if not any(map(str.isalpha, plain)):
        return ()
    index = _index()
    for names in (index.full, index.short, index.counties):
        found = [p for p in names.get(plain, ()) if province in (None, p.province)]
        if found:
            return _most_likely(found)
    if (bare := _REVISION.sub("", clean_header(name))) != clean_header(name):
        return places_named(bare, province)
    return (
        _after_province(str(name), province)
        or _in_english(str(name), province)
        or _within_city(plain, province)
        or _in_one_script(str(name), province)
        or _in_parts(str(name), province)
    )


def _most_likely(found: list[Place]) -> tuple[Place, ...]:
    """Of a city and a county of one name, such as 随州市 before 2000, the city is meant."""
    larger = [place for place in found if place.kind != COUNTY]
    return tuple(dict.fromkeys(larger or found))


def _after_province(name: str, province: str | None) -> tuple[Place, ...]:
    """Read 江苏省苏州市, 安徽安庆, `Suzhou, Jiangsu`, 苏州(江苏)."""
    for signs in (_BEHIND_COMMA, _PARTS):
        parts = [part for part in signs.split(clean_header(name)) if part]
        for place, others in ((parts[:1], parts[1:]), (parts[-1:], parts[:-1])):
            # `Jilin Province` is the province itself: its second word alone would be a total.
            stated = province_of(place[0]) if others and others != ["province"] else None
            if stated is not None and province in (None, stated):
                return places_named(" ".join(others), stated)
    plain = _plain(name)
    for spelling, stated in _provinces_longest_first():
        rest = plain.removeprefix(spelling)
        if rest not in (plain, "province") and len(rest) >= 2 and province in (None, stated):
            return places_named(rest, stated)
    return ()


def _in_english(name: str, province: str | None) -> tuple[Place, ...]:
    """Read `Shenzhen, China`, `Shijiazhuangshi`, and `Changsha County` as no city."""
    plain = _without_tones(clean_header(name))
    if (rest := _COUNTRY.sub("", plain).strip(" ,-/")) not in (plain, ""):
        return places_named(rest, province)
    if glued := _GLUED_CITY.fullmatch(_LETTERS.sub("", plain)):
        found = places_named(glued.group(1), province)
        return tuple(place for place in found if place.kind == CITY)
    stated = province_of(plain) if plain.endswith(("province", "region")) else None
    if stated is not None and province in (None, stated):
        return (_index().by_code[stated + "0000"],)
    if _ENGLISH_COUNTY.fullmatch(plain):
        return (Place(NO_PLACE, COUNTY, name.strip()),)
    return ()


def _in_one_script(name: str, province: str | None) -> tuple[Place, ...]:
    """Read 北京市 Beijing by its Chinese half."""
    chinese = _LATIN.sub("", name).strip()
    return places_named(chinese, province) if len(chinese) >= 2 and chinese != name else ()


def _in_parts(name: str, province: str | None) -> tuple[Place, ...]:
    """Read 苏州(市) as one name, and 襄阳(襄樊) as two names of one place."""
    parts = [part for part in _PARTS.split(clean_header(name)) if part]
    if len(parts) < 2:
        return ()
    whole = "".join(parts)
    found = places_named(whole, province) if whole != _plain(name) else ()
    if found:
        return found
    readings = {places_named(part, province) for part in parts}
    return readings.pop() if len(readings) == 1 else ()


def _within_city(plain: str, province: str | None) -> tuple[Place, ...]:
    """Read 苏州市昆山市 as the county, 苏州市区 as the districts, 苏州全市 as the city.

    What else follows the full name of a city, such as a township or a street, is a part of it.
    """
    index = _index()
    for length in range(len(plain) - 2, 1, -1):
        head, rest = plain[:length], plain[length:]
        around = [
            place
            for names in (index.full, index.short)
            for place in names.get(head, ())
            if place.kind == CITY and province in (None, place.province)
        ]
        for city in dict.fromkeys(around):
            if rest in _WHOLE:
                return (city,)
            if rest in _PROPER:
                return (Place(city.code[:4] + "01", COUNTY, f"{city.name}市辖区"),)
            inside = [p for p in index.counties.get(rest, ()) if city_around(p) == city]
            if inside:
                return tuple(inside[:1])
            if head.endswith("市") and not rest[0].isascii():
                return (Place(city.code[:4] + "01", COUNTY, plain),)
    return ()
