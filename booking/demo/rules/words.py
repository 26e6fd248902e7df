"""Our own word lists for the demo park. Makers and institutions are invented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of instrument: names, class, platform index, pool size class and usual minutes."""

    zh: str
    en: str
    category: str
    platform: int
    common: int  # 1 one-off and costly … 4 on every bench
    minutes: tuple[int, ...]  # usual lengths of a booking
    spec: str


SITES = (
    ("西安生命科学园", "Xi'an Life Science Park"),
    ("成都生命科学园", "Chengdu Life Science Park"),
)
BUILDINGS = (8, 5)  # laboratory buildings of each site
FLOORS = 5
ROOMS_A_FLOOR = 6

PLATFORMS = (
    ("精准诊断平台", "Precision diagnosis"),
    ("精准治疗平台", "Precision therapy"),
    ("精准评价平台", "Precision evaluation"),
    ("战略资源库", "Strategic resource bank"),
    ("细胞与影像平台", "Cells and imaging"),
    ("组学平台", "Omics"),
    ("药物分析平台", "Drug analysis"),
    ("样品制备平台", "Sample preparation"),
)

INSTITUTIONS = (
    # name zh, en, kind, site
    ("长安中心医院", "Chang'an Central Hospital", "hospital", 0),
    ("渭滨人民医院", "Weibin People's Hospital", "hospital", 0),
    ("雁塔妇幼医院", "Yanta Women and Children's Hospital", "hospital", 0),
    ("曲江肿瘤医院", "Qujiang Cancer Hospital", "hospital", 0),
    ("秦岭康复医院", "Qinling Rehabilitation Hospital", "hospital", 0),
    ("终南医科大学", "Zhongnan Medical University", "university", 0),
    ("灞桥理工大学", "Baqiao Institute of Technology", "university", 0),
    ("沣东农业大学", "Fengdong Agricultural University", "university", 0),
    ("西京药学院", "Xijing School of Pharmacy", "university", 0),
    ("丝路生物技术有限公司", "Silk Road Biotech", "company", 0),
    ("大雁检测有限公司", "Wild Goose Testing", "company", 0),
    ("古城基因有限公司", "Old City Genomics", "company", 0),
    ("锦江第一医院", "Jinjiang First Hospital", "hospital", 1),
    ("浣花中医医院", "Huanhua Hospital of Chinese Medicine", "hospital", 1),
    ("武侯眼科医院", "Wuhou Eye Hospital", "hospital", 1),
    ("青羊口腔医院", "Qingyang Dental Hospital", "hospital", 1),
    ("龙泉心血管医院", "Longquan Heart Hospital", "hospital", 1),
    ("华阳医科大学", "Huayang Medical University", "university", 1),
    ("岷江大学", "Minjiang University", "university", 1),
    ("天府工业大学", "Tianfu University of Technology", "university", 1),
    ("新川前沿研究院", "Xinchuan Frontier Institute", "university", 1),
    ("蓉城新药有限公司", "Rongcheng New Drugs", "company", 1),
    ("峨眉医疗器械有限公司", "Emei Medical Devices", "company", 1),
    ("金沙生物样本有限公司", "Jinsha Biobank", "company", 1),
)

LABS = (
    ("分子诊断实验室", "Molecular Diagnostics Lab"),
    ("细胞生物学实验室", "Cell Biology Lab"),
    ("质谱与色谱实验室", "Mass Spectrometry and Chromatography Lab"),
    ("光学影像实验室", "Optical Imaging Lab"),
    ("基因组学实验室", "Genomics Lab"),
    ("药代动力学实验室", "Pharmacokinetics Lab"),
    ("病理技术实验室", "Pathology Techniques Lab"),
    ("材料表征实验室", "Materials Characterisation Lab"),
    ("动物实验技术室", "Animal Techniques Lab"),
    ("样品制备室", "Sample Preparation Lab"),
)

COMPANY_WORDS = (
    ("安和", "Anhe"), ("启源", "Qiyuan"), ("华瑞", "Huarui"), ("德康", "Dekang"),
    ("景明", "Jingming"), ("恒达", "Hengda"), ("云舟", "Yunzhou"), ("博济", "Boji"),
    ("新禾", "Xinhe"), ("嘉木", "Jiamu"), ("远志", "Yuanzhi"), ("清源", "Qingyuan"),
    ("正心", "Zhengxin"), ("百川", "Baichuan"), ("弘毅", "Hongyi"), ("明德", "Mingde"),
    ("思源", "Siyuan"), ("同济源", "Tongjiyuan"), ("九章", "Jiuzhang"),
)  # fmt: skip
COMPANY_TRADES = (
    ("生物科技", "Biotech"), ("医药", "Pharma"), ("基因", "Genomics"), ("医疗器械", "Devices"),
    ("诊断", "Diagnostics"),
)  # fmt: skip

SURNAMES = (
    ("王", "Wang"), ("李", "Li"), ("张", "Zhang"), ("刘", "Liu"), ("陈", "Chen"), ("杨", "Yang"),
    ("赵", "Zhao"), ("黄", "Huang"), ("周", "Zhou"), ("吴", "Wu"), ("徐", "Xu"), ("孙", "Sun"),
    ("胡", "Hu"), ("朱", "Zhu"), ("高", "Gao"), ("林", "Lin"), ("何", "He"), ("郭", "Guo"),
    ("马", "Ma"), ("罗", "Luo"),
)  # fmt: skip
GIVEN = (
    "伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "杰", "涛", "明", "超", "霞", "平", "刚",
    "桂英", "文", "辉", "力", "思远", "雨桐", "子轩", "欣怡", "浩然", "若曦", "一鸣", "佳宁",
)  # fmt: skip

MAKERS = (
    "华仪", "睿科", "天衡", "精测", "北辰", "海纳", "凌云", "蓝湾", "Norvex", "Helion", "Quantara",
    "Bioscape", "Veridian", "Altrona", "Lumetric", "Kestrel", "Orbis", "Sapphire",
)  # fmt: skip

STATES = ("in_service", "in_service", "in_service", "in_service", "limited", "down")
NOTES = (
    "常规样品", "样品量较大,请预留时间", "需要 63 倍油镜", "新员工上机,请协助", "补充上周数据", "",
    "", "", "", "重复实验", "预实验", "客户加急", "project B-17", "second replicate", "",
)  # fmt: skip

HALF, HOUR, TWO, FOUR, DAY = 30, 60, 120, 240, 1440
KINDS = (
    Kind("激光共聚焦显微镜", "Laser confocal microscope", "010800", 4, 2, (HOUR, TWO, FOUR), "激光线: 405/488/561/640 nm"),
    Kind("超高分辨显微镜", "Super-resolution microscope", "010800", 4, 1, (TWO, FOUR), "横向分辨率: 50 nm"),
    Kind("倒置荧光显微镜", "Inverted fluorescence microscope", "010800", 4, 3, (HALF, HOUR, TWO), "物镜: 4–63×"),
    Kind("正置显微镜", "Upright microscope", "010800", 4, 3, (HALF, HOUR), "物镜: 5–100×"),
    Kind("体视显微镜", "Stereo microscope", "010800", 4, 4, (HALF, HOUR), "变倍比: 1:12"),
    Kind("活细胞成像系统", "Live-cell imaging system", "010800", 4, 2, (FOUR, DAY), "培养: 37 °C, 5% CO₂"),
    Kind("全玻片扫描仪", "Whole-slide scanner", "010800", 0, 2, (HOUR, TWO), "通量: 120 片/批"),
    Kind("高内涵成像系统", "High-content imaging system", "010800", 4, 1, (TWO, FOUR), "板型: 96/384 孔"),
    Kind("扫描电子显微镜", "Scanning electron microscope", "010100", 4, 1, (TWO, FOUR), "分辨率: 1.0 nm @ 15 kV"),
    Kind("透射电子显微镜", "Transmission electron microscope", "010100", 4, 1, (TWO, FOUR), "加速电压: 120 kV"),
    Kind("冷冻电子显微镜", "Cryo-electron microscope", "010100", 4, 1, (DAY,), "加速电压: 300 kV"),
    Kind("液相色谱质谱联用仪", "LC-MS", "010200", 6, 2, (TWO, FOUR, DAY), "质量范围: 50–3000 m/z"),
    Kind("三重四极杆质谱仪", "Triple quadrupole mass spectrometer", "010200", 6, 2, (TWO, FOUR), "扫描速度: 20000 Da/s"),
    Kind("飞行时间质谱仪", "Time-of-flight mass spectrometer", "010200", 5, 1, (TWO, FOUR), "分辨率: 60000"),
    Kind("气相色谱质谱联用仪", "GC-MS", "010200", 6, 2, (TWO, FOUR), "进样: 顶空/液体"),
    Kind("电感耦合等离子体质谱仪", "ICP-MS", "010200", 6, 1, (TWO,), "检出限: ppt 级"),
    Kind("X射线衍射仪", "X-ray diffractometer", "010300", 6, 1, (HOUR, TWO), "靶材: Cu"),
    Kind("小动物 X 射线成像仪", "Small-animal X-ray imager", "010300", 2, 1, (HOUR,), "分辨率: 10 μm"),
    Kind("紫外可见分光光度计", "UV-Vis spectrophotometer", "010400", 6, 4, (HALF,), "波长: 190–1100 nm"),
    Kind("荧光分光光度计", "Fluorescence spectrometer", "010400", 6, 3, (HALF, HOUR), "波长: 200–900 nm"),
    Kind("傅里叶变换红外光谱仪", "FTIR spectrometer", "010400", 6, 2, (HOUR,), "分辨率: 0.4 cm⁻¹"),
    Kind("拉曼光谱仪", "Raman spectrometer", "010400", 6, 1, (HOUR, TWO), "激光: 532/785 nm"),
    Kind("圆二色谱仪", "Circular dichroism spectrometer", "010400", 6, 1, (HOUR,), "波长: 175–900 nm"),
    Kind("高效液相色谱仪", "HPLC", "010500", 6, 3, (TWO, FOUR), "检测器: DAD"),
    Kind("超高效液相色谱仪", "UHPLC", "010500", 6, 2, (TWO, FOUR), "压力: 1300 bar"),
    Kind("气相色谱仪", "Gas chromatograph", "010500", 6, 3, (TWO,), "检测器: FID/ECD"),
    Kind("离子色谱仪", "Ion chromatograph", "010500", 6, 2, (TWO,), "检测器: 电导"),
    Kind("核磁共振波谱仪", "NMR spectrometer", "010600", 6, 1, (HOUR, TWO, DAY), "场强: 600 MHz"),
    Kind("电化学工作站", "Electrochemical workstation", "010700", 6, 2, (HOUR, TWO), "通道: 4"),
    Kind("差示扫描量热仪", "Differential scanning calorimeter", "010900", 6, 1, (TWO,), "温度: −90–550 °C"),
    Kind("热重分析仪", "Thermogravimetric analyser", "010900", 6, 1, (TWO,), "温度: 室温–1000 °C"),
    Kind("流式细胞分析仪", "Flow cytometer", "011000", 4, 2, (HOUR, TWO), "荧光通道: 18"),
    Kind("流式细胞分选仪", "Cell sorter", "011000", 4, 1, (TWO, FOUR), "分选路数: 6"),
    Kind("实时荧光定量 PCR 仪", "Real-time PCR system", "011000", 0, 3, (HOUR, TWO), "通量: 96 孔"),
    Kind("数字 PCR 仪", "Digital PCR system", "011000", 0, 2, (TWO,), "液滴: 20000"),
    Kind("PCR 仪", "Thermal cycler", "011000", 0, 4, (HOUR, TWO), "模块: 96 孔梯度"),
    Kind("高通量测序仪", "High-throughput sequencer", "011000", 5, 1, (DAY,), "数据量: 360 Gb/run"),
    Kind("一代测序仪", "Sanger sequencer", "011000", 5, 1, (FOUR,), "毛细管: 24"),
    Kind("单细胞建库系统", "Single-cell library system", "011000", 5, 1, (TWO, FOUR), "通量: 8 样/芯片"),
    Kind("蛋白纯化系统", "Protein purification system", "011000", 1, 2, (TWO, FOUR), "流速: 0.01–25 mL/min"),
    Kind("毛细管电泳仪", "Capillary electrophoresis system", "011000", 0, 2, (HOUR,), "通量: 96 孔"),
    Kind("多功能酶标仪", "Multimode plate reader", "011000", 2, 3, (HALF, HOUR), "检测: 吸光/荧光/发光"),
    Kind("化学发光成像仪", "Chemiluminescence imager", "011000", 2, 3, (HALF,), "相机: −40 °C CCD"),
    Kind("表面等离子共振仪", "Surface plasmon resonance system", "011000", 2, 1, (FOUR,), "通道: 8"),
    Kind("等温滴定量热仪", "Isothermal titration calorimeter", "011000", 2, 1, (TWO,), "池体积: 200 μL"),
    Kind("总有机碳分析仪", "TOC analyser", "011100", 6, 1, (HOUR,), "量程: 4 ppb–30000 ppm"),
    Kind("台式离心机", "Benchtop centrifuge", "011200", 7, 4, (HALF,), "最高转速: 15000 rpm"),
    Kind("高速冷冻离心机", "High-speed refrigerated centrifuge", "011200", 7, 3, (HALF, HOUR), "最高转速: 26000 rpm"),
    Kind("超速离心机", "Ultracentrifuge", "011200", 7, 1, (TWO, FOUR), "最高转速: 100000 rpm"),
    Kind("冷冻干燥机", "Freeze dryer", "011200", 7, 2, (DAY,), "冷阱: −80 °C"),
    Kind("真空浓缩仪", "Vacuum concentrator", "011200", 7, 3, (TWO,), "容量: 72 × 1.5 mL"),
    Kind("自动核酸提取仪", "Nucleic-acid extractor", "011200", 7, 3, (HOUR,), "通量: 96"),
    Kind("移液工作站", "Liquid-handling workstation", "011200", 7, 2, (TWO, FOUR), "通道: 8/96"),
    Kind("组织研磨仪", "Tissue homogeniser", "011200", 7, 4, (HALF,), "通量: 48"),
    Kind("超声破碎仪", "Sonicator", "011200", 7, 3, (HALF,), "功率: 650 W"),
    Kind("微波消解仪", "Microwave digestion system", "011200", 7, 2, (HOUR,), "罐数: 40"),
    Kind("冰冻切片机", "Cryostat microtome", "011200", 0, 3, (HOUR, TWO), "厚度: 1–100 μm"),
    Kind("石蜡切片机", "Rotary microtome", "011200", 0, 3, (HOUR, TWO), "厚度: 0.5–60 μm"),
    Kind("激光粒度仪", "Laser particle sizer", "020500", 6, 1, (HOUR,), "量程: 0.02–2000 μm"),
    Kind("纳米粒度电位仪", "Zetasizer", "020500", 6, 2, (HOUR,), "量程: 0.3 nm–10 μm"),
    Kind("万能材料试验机", "Universal testing machine", "020100", 6, 1, (HOUR, TWO), "载荷: 10 kN"),
    Kind("全自动生化分析仪", "Automatic chemistry analyser", "090100", 0, 2, (HOUR, TWO), "速度: 800 测试/h"),
    Kind("血细胞分析仪", "Haematology analyser", "090100", 0, 2, (HALF,), "速度: 100 样/h"),
    Kind("化学发光免疫分析仪", "Chemiluminescence immunoassay analyser", "090100", 0, 2, (HOUR,), "速度: 200 测试/h"),
    Kind("小动物核磁成像仪", "Small-animal MRI", "090200", 2, 1, (TWO, FOUR), "场强: 7.0 T"),
    Kind("小动物活体成像仪", "In-vivo imaging system", "090200", 2, 1, (HOUR, TWO), "成像: 发光/荧光"),
    Kind("超声成像系统", "Ultrasound imaging system", "090200", 2, 2, (HOUR,), "探头: 15–70 MHz"),
    Kind("心电采集系统", "ECG acquisition system", "090300", 2, 2, (HOUR,), "导联: 12"),
    Kind("冻干制剂中试线", "Pilot freeze-drying line", "120200", 1, 1, (DAY,), "面积: 1 m²"),
    Kind("生物反应器", "Bioreactor", "120200", 1, 2, (DAY,), "体积: 5 L"),
    Kind("高压均质机", "High-pressure homogeniser", "120200", 1, 2, (HOUR, TWO), "压力: 1500 bar"),
    Kind("压片机", "Tablet press", "120200", 1, 1, (TWO, FOUR), "冲数: 8"),
    Kind("二氧化碳培养箱", "CO₂ incubator", "019900", 4, 4, (DAY,), "容积: 170 L"),
    Kind("超低温冰箱", "Ultra-low freezer", "990000", 3, 4, (DAY,), "温度: −86 °C"),
    Kind("液氮罐", "Liquid-nitrogen dewar", "990000", 3, 4, (DAY,), "容积: 175 L"),
    Kind("生物安全柜", "Biosafety cabinet", "990000", 4, 4, (HOUR, TWO), "级别: II A2"),
    Kind("摇床", "Shaking incubator", "011200", 7, 4, (FOUR, DAY), "振幅: 26 mm"),
    Kind("高性能计算节点", "Compute node", "130200", 5, 3, (FOUR, DAY), "CPU: 64 核, 内存: 512 GB"),
)  # fmt: skip

COURSE_TEXT = """激光安全、开机与关机、样品装载、常见故障。请携带自己的样品和 U 盘以外的存储方式。
Laser safety, starting and closing down, loading a sample, what goes wrong. Bring a sample."""
QUIZ_BANK = """激光开启时可以直视物镜。 One may look into the objective while the laser is on.
[ ] 对 True
[x] 错 False

关机的第一步是什么？ What comes first when closing down?
[x] 降低激光功率 Lower the laser's power
[ ] 切断总电源 Cut the mains
[ ] 取下物镜 Take off the objective

哪些样品须先登记？ Which samples are registered first?
[x] 含病原体的样品 With pathogens
[ ] 固定的切片 Fixed slices
[x] 放射性样品 Radioactive ones
> 生物安全与辐射安全须事先审批。

使用后须清洁油镜。 Oil objectives are cleaned after use.
[x] 对 True
[ ] 错 False
"""
