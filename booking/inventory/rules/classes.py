"""The national classification of instruments, top and second level: official codes and names.

Source of codes and Chinese names: the form in service on the national network (nrii), a fact; the
English names are ours. The third level is loaded by `categories load FILE`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstrumentClass:
    """A node of the classification; the parent of a top node is None."""

    code: str
    parent_code: str | None
    level: int
    name_zh: str
    name_en: str = ""


def _class(code: str, name_zh: str, name_en: str) -> InstrumentClass:
    top = f"{code[:2]}0000"
    if code == top:
        return InstrumentClass(code, None, 1, name_zh, name_en)
    return InstrumentClass(code, top, 2, name_zh, name_en)


# Parents come before their children, so rows may be inserted in this order.
CLASSES: tuple[InstrumentClass, ...] = (
    _class("010000", "分析仪器", "Analytical instruments"),
    _class("010100", "电子光学仪器", "Electron-optical instruments"),
    _class("010200", "质谱仪器", "Mass spectrometers"),
    _class("010300", "X射线仪器", "X-ray instruments"),
    _class("010400", "光谱仪器", "Optical spectrometers"),
    _class("010500", "色谱仪器", "Chromatographs"),
    _class("010600", "波谱仪器", "Resonance spectrometers"),
    _class("010700", "电化学仪器", "Electrochemical instruments"),
    _class("010800", "显微镜及图象分析仪器", "Microscopes and image analysers"),
    _class("010900", "热分析仪器", "Thermal analysers"),
    _class("011000", "生化分离分析仪器", "Biochemical separation and analysis"),
    _class("011100", "环境与农业分析仪器", "Environmental and agricultural analysers"),
    _class("011200", "样品前处理及制备仪器", "Sample pre-treatment and preparation"),
    _class("019900", "其他", "Other analytical instruments"),
    _class("020000", "物理性能测试仪器", "Physical property testing"),
    _class("020100", "力学性能测试仪器", "Mechanical property testing"),
    _class("020200", "大地测量仪器", "Geodetic instruments"),
    _class("020300", "光电测量仪器", "Photoelectric measurement"),
    _class("020400", "声学振动仪器", "Acoustics and vibration"),
    _class("020500", "颗粒度测量仪器", "Particle size analysers"),
    _class("020600", "探伤仪器", "Flaw detectors"),
    _class("029900", "其他", "Other physical testing"),
    _class("030000", "计量仪器", "Metrology instruments"),
    _class("030100", "长度计量仪器", "Length metrology"),
    _class("030200", "热学计量仪器", "Thermal metrology"),
    _class("030300", "力学计量仪器", "Mechanical metrology"),
    _class("030400", "电磁学计量仪器", "Electromagnetic metrology"),
    _class("030500", "时间频率计量仪器", "Time and frequency metrology"),
    _class("030600", "声学计量仪器", "Acoustic metrology"),
    _class("030700", "光学计量仪器", "Optical metrology"),
    _class("030800", "电离辐射计量仪器", "Ionising-radiation metrology"),
    _class("030900", "电子学计量仪器", "Electronic metrology"),
    _class("039900", "其他", "Other metrology"),
    _class("040000", "电子测量仪器", "Electronic measurement"),
    _class("040100", "通用电子测量仪器", "General electronic measurement"),
    _class("040200", "射频和微波测试仪器", "RF and microwave testing"),
    _class("040300", "通讯测量仪器", "Communication testing"),
    _class("040400", "网络分析仪器", "Network analysers"),
    _class("040500", "大规模集成电路测试仪器", "Integrated-circuit testing"),
    _class("049900", "其他", "Other electronic measurement"),
    _class("050000", "海洋仪器", "Marine instruments"),
    _class("050100", "海洋水文测量仪器", "Hydrographic instruments"),
    _class("050200", "多要素水文气象测量系统", "Hydro-meteorological systems"),
    _class("050300", "海洋生物调查仪器", "Marine biology survey"),
    _class("050400", "海水物理量测量仪器", "Sea-water physics"),
    _class("050500", "海洋遥感／遥测仪器", "Marine remote sensing and telemetry"),
    _class("050600", "海洋采样设备", "Marine sampling"),
    _class("059900", "其他", "Other marine instruments"),
    _class("060000", "地球探测仪器", "Earth exploration"),
    _class("060100", "电法仪器", "Electrical prospecting"),
    _class("060200", "电磁法仪器", "Electromagnetic prospecting"),
    _class("060300", "磁法仪器", "Magnetic prospecting"),
    _class("060400", "重力仪器", "Gravimeters"),
    _class("060500", "地震仪器", "Seismic instruments"),
    _class("060600", "地球物理测井仪器", "Geophysical logging"),
    _class("060700", "岩石矿物测试仪器", "Rock and mineral testing"),
    _class("069900", "其他", "Other earth exploration"),
    _class("070000", "大气探测仪器", "Atmospheric instruments"),
    _class("070100", "气象台站观测仪器", "Weather station instruments"),
    _class("070200", "高空气象探测仪器", "Upper-air sounding"),
    _class("070300", "特殊大气探测仪器", "Special atmospheric sounding"),
    _class("070400", "主动大气遥感仪器", "Active atmospheric remote sensing"),
    _class("070500", "被动大气遥感仪器", "Passive atmospheric remote sensing"),
    _class("070600", "高层大气/电离层探测器", "Upper atmosphere and ionosphere"),
    _class("070700", "对地观测仪器", "Earth observation"),
    _class("079900", "其他", "Other atmospheric instruments"),
    _class("080000", "天文仪器", "Astronomical instruments"),
    _class("080100", "天体测量仪器", "Astrometry"),
    _class("080200", "地面天文望远镜", "Ground-based telescopes"),
    _class("080300", "空间天文望远镜", "Space telescopes"),
    _class("089900", "其他", "Other astronomical instruments"),
    _class("090000", "医学诊断仪器", "Medical diagnostics"),
    _class("090100", "临床检验分析仪器", "Clinical laboratory analysers"),
    _class("090200", "影像诊断仪器", "Diagnostic imaging"),
    _class("090300", "电子诊察仪器", "Electronic examination"),
    _class("099900", "其他", "Other medical diagnostics"),
    _class("100000", "核仪器", "Nuclear instruments"),
    _class("100100", "核辐射探测仪器", "Nuclear radiation detectors"),
    _class("100200", "活化分析仪器", "Activation analysis"),
    _class("100300", "离子束分析仪器", "Ion-beam analysis"),
    _class("100400", "核效应分析仪器", "Nuclear effect analysis"),
    _class("100500", "中子散射及衍射仪器", "Neutron scattering and diffraction"),
    _class("109900", "其他", "Other nuclear instruments"),
    _class("110000", "特种检测仪器", "Special inspection"),
    _class("110100", "射线检测仪器", "Radiographic inspection"),
    _class("110200", "超声检测仪器", "Ultrasonic inspection"),
    _class("110300", "电磁检测仪器", "Electromagnetic inspection"),
    _class("110400", "声发射检测仪器", "Acoustic emission inspection"),
    _class("110500", "光电检测仪器", "Photoelectric inspection"),
    _class("119900", "其他", "Other inspection"),
    _class("120000", "工艺实验设备", "Process equipment"),
    _class("120100", "汽车工艺实验设备", "Automotive process equipment"),
    _class("120200", "化工、制药工艺实验设备", "Chemical and pharmaceutical process equipment"),
    _class("120300", "电子工艺实验设备", "Electronics process equipment"),
    _class("120400", "加工工艺实验设备", "Machining process equipment"),
    _class("120500", "纺织工艺实验设备", "Textile process equipment"),
    _class("120600", "食品工艺实验设备", "Food process equipment"),
    _class("129900", "其他", "Other process equipment"),
    _class("130000", "计算机及其配套设备", "Computers and peripherals"),
    _class("130100", "计算机", "Computers"),
    _class("130200", "服务器", "Servers"),
    _class("130300", "软件", "Software"),
    _class("130400", "数据采集及工作站", "Data acquisition and workstations"),
    _class("139900", "其他", "Other computing"),
    _class("140000", "激光器", "Lasers"),
    _class("140100", "激光器", "Lasers"),
    _class("149900", "其他", "Other lasers"),
    _class("990000", "其他仪器", "Other instruments"),
)
