"""How Chinese names are typed in pinyin."""

import pytest

from booking.infra.pinyin import spellings


@pytest.mark.parametrize(
    ("name", "whole", "initials"),
    [
        ("离心机", "lixinji", "lxj"),
        ("高速冷冻离心机", "gaosulengdonglixinji", "gsldlxj"),
        ("行星式球磨机", "xingxingshiqiumoji", "xxsqmj"),  # 行 is not háng here
        ("重庆", "chongqing", "cq"),  # a phrase of our own book
        ("薄膜蒸发仪", "bomozhengfayi", "bmzfy"),  # 薄 is not báo here
        ("恒温调节器", "hengwentiaojieqi", "hwtjq"),  # 调 is not diào here
        ("XRD衍射仪", "xrdyansheyi", "xrdysy"),  # Latin stays whole in the initials
        ("四极杆-飞行时间 (Q-TOF)", "sijiganfeixingshijianqtof", "sjgfxsjqtof"),
    ],
)
def test_a_name_is_spelled_whole_and_by_initials(name, whole, initials):
    assert spellings(name) == (whole, initials)


@pytest.mark.parametrize("name", ["", "Zeiss LSM 980", "μCT"])
def test_a_name_without_chinese_has_no_spelling(name):
    assert spellings(name) == ("", "")
