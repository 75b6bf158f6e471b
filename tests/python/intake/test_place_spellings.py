"""Spellings of places in files of this field: pinyin, suffixes, the province before or behind."""

import pytest

from urban_resilience.intake.vocabulary.cities import resolve


@pytest.mark.parametrize(
    ("name", "code"),
    [
        # Pinyin with signs, spaces and tones.
        ("Xi'an", "610100"), ("Xian", "610100"), ("Xi an", "610100"), ("Xī'ān", "610100"),
        ("XI’AN CITY", "610100"), ("Lüliang", "141100"), ("Lvliang", "141100"),
        ("Luliang", "141100"), ("Lǚliáng", "141100"), ("LYULIANG", "141100"),
        ("Shíjiāzhuāng", "130100"), ("Shi Jia Zhuang", "130100"), ("Haʹerbin", "230100"),
        ("Ürümqi", "650100"), ("Wulumuqi", "650100"), ("Hu he hao te", "150100"),
        ("Liu'an", "341500"), ("Lu'an", "341500"), ("Bangbu", "340300"), ("Haozhou", "341600"),
        # Suffixes, the country, old names.
        ("Beijing Shi", "110000"), ("Shijiazhuangshi", "130100"),
        ("Beijing Municipality", "110000"),
        ("Municipality of Beijing", "110000"), ("City of Shenzhen", "440300"),
        ("Shijiazhuang Prefecture", "130100"), ("Shenzhen, China", "440300"),
        ("中国北京市", "110000"), ("Xiangfan", "420600"), ("襄樊市", "420600"), ("思茅", "530800"),
        ("Huaiyin", "320800"), ("淮阴市", "320800"),
        ("保定市（修订）", "130600"), ("保定(初步数)", "130600"),
        # The province before, behind or glued on.
        ("安徽安庆", "340800"), ("安徽省安庆市", "340800"), ("广西壮族自治区南宁市", "450100"),
        ("内蒙古呼和浩特", "150100"), ("Changsha, Hunan Province", "430100"),
        ("Hunan: Changsha", "430100"), ("Hunan-Changsha", "430100"), ("Changsha (Hunan)", "430100"),
        ("Nanning, Guangxi Zhuang Autonomous Region", "450100"), ("Suzhou, Jiangsu", "320500"),
        ("Chengdu City, Sichuan Province, China", "510100"), ("JIANGSU-SUZHOU", "320500"),
        ("Hohhot, Inner Mongolia Autonomous Region", "150100"), ("宿州市（安徽）", "341300"),
    ],
)  # fmt: skip
def test_a_city_in_any_spelling(name, code):
    found = resolve(None, name, row_is_city=True)
    assert (found.code, found.reason) == (code, "")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("长沙县", "430121"), ("Changsha County", "000000"), ("Chaoyang District", "000000"),
        ("江苏省苏州市昆山市", "320583"), ("海南藏族自治州", "632500"), ("Hu'nan", "430000"),
        ("Jilin Province", "220000"), ("吉林省", "220000"),
        ("湖北省恩施土家族苗族自治州", "422800"),
    ],
)  # fmt: skip
def test_what_is_no_city_is_none(name, code):
    found = resolve(None, name, row_is_city=True)
    assert (found.code, found.reason) == (code, "")


@pytest.mark.parametrize("name", ["Suzhou", "Suzhou City", "Fuzhou", "Taizhou", "Yichun", "Yulin"])
def test_a_name_of_two_cities_asks(name):
    assert "give the code, the full Chinese name or the province" in resolve(None, name).reason


@pytest.mark.parametrize(
    ("province", "code"),
    [("Jiangsu", "320500"), ("Anhui Province", "341300"), ("安徽省", "341300"), ("34", "341300")],
)
def test_a_province_beside_the_name_settles_it(province, code):
    assert resolve(None, "Suzhou", province).code == code


def test_a_province_that_has_no_such_city_is_said():
    assert "but the province is 广东省" in resolve(None, "Suzhou", "Guangdong").reason
