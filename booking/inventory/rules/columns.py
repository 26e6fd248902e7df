"""The fields of a unit in a spreadsheet, and the headings people give them.

Words: the national platform's keys and labels (nrii), provincial and SJ3 forms, UNIQUIP 1 and 2,
and what real inventories say. Written as `headings.key` does: letters and digits only.
"""

from booking.inventory.rules.headings import Vocabulary

# Fields whose columns are joined: a place is a building and a room, a description has parts.
JOINED = frozenset({"place", "description", "specifications"})

UNIT_WORDS: Vocabulary = {
    "asset_no": (
        "assetno", "innerid", "所在单位仪器编号", "所属单位仪器编号", "所属单位科学装置编号",
        "单位内编号", "单位内部编号", "资产编号", "资产号", "固定资产编号", "资产编码",
        "assetnumber", "assetid", "assettag", "asset", "institutionid", "inventoryno",
        "inventorynumber",
        "设备编号", "仪器编号", "仪器设备编号", "设备编码", "统一编号", "编号", "台账编号", "条码",
        "instrumentid", "equipmentid", "toolid", "eusinstrumentid", "instrumentno", "equipmentno",
        "resourceid", "facilityid", "facid",
        "id", "number", "no", "barcode",
    ),
    "serial": (
        "serial", "serialno", "serialnumber", "sn", "序列号", "出厂编号", "出厂号", "产品序列号",
        "机身号", "机身编号",
    ),
    "name_en": (
        "nameen", "ename", "englishname", "英文名称", "英文名", "仪器英文名称", "设备英文名称",
        "仪器设备英文名称", "仪器名称英文", "设备名称英文", "名称英文", "nameenglish",
    ),
    "name": (
        "name", "namezh", "cname", "eqname", "仪器设备名称", "仪器名称", "设备名称", "资产名称",
        "中文名", "中文名称", "仪器中文名称", "服务单元名称", "装置名称", "名称", "品名",
        "instrumentname", "equipmentname", "itemname", "toolname", "eusdisplayname", "displayname",
        "assetname",
        "eusinstrumentname", "title", "instrument", "equipment", "tool", "device", "仪器", "设备",
        "item", "shortname", "longname",
    ),
    "manufacturer": (
        "manufacturer", "生产制造商", "制造商", "生产厂商", "生产厂家", "制造厂商", "制造厂家",
        "制造厂", "厂商", "厂家", "品牌", "manufacturername", "make", "maker", "brand", "vendor",
    ),
    "model": (
        "model", "instrversion", "modelno", "规格型号", "型号规格", "型号", "modelname",
        "modelnumber", "规格",
    ),
    "category": (
        "category", "categorycode", "instrcategory", "仪器分类编码", "分类编码", "仪器分类",
        "设备分类", "分类号", "资产分类", "分类", "class", "classcode", "instrumentclass",
        "instrumentgroup",
    ),
    "state": (
        "state", "status", "运行状态", "使用状态", "设备状态", "仪器状态", "状态", "现状",
        "condition", "operational", "eusactivesw",
    ),
    "site": (
        "site", "sitename", "园区", "所在园区", "校区", "院区", "campus", "sitelocation", "park",
    ),
    "lab": (
        "lab", "labname", "laboratory", "实验室", "机组", "insidedepart", "所属单位内部门",
        "所在单位内部门", "单位内部门", "内部门", "managingdepartment", "使用部门", "所属部门",
        "管理部门", "归属部门", "使用单位", "科室", "部门", "课题组", "department", "dept",
    ),
    "place": (
        "place", "location", "安放地址", "存放地点", "存放地", "放置地点", "安装地点", "安放地点",
        "安放地址省", "安放地址省份", "安放地址市", "安放地址城市", "安放地址区县",
        "安放地址街道乡镇", "province", "city", "county", "street", "楼宇", "楼号", "楼", "楼层",
        "房间", "房间号", "房号", "位置", "地点", "building", "floor", "room", "roomnumber",
        "roomno",
    ),
    "commissioned_on": (
        "commissionedon", "commissioneddate", "启用日期", "投入使用日期", "begindate", "建账日期",
        "验收日期", "验收通过日期", "购置日期", "入账日期", "成立日期", "acquired", "acquireddate",
        "acquisitiondate", "purchasedate", "installdate",
    ),
    "value": (
        "worth", "originalvalue", "仪器原值", "仪器设备原值", "设备原值", "原值", "原值万元",
        "原值元", "价值", "价值万元", "单价", "单价元", "purchaseprice", "unitprice", "price",
        "cost",
    ),
    "customs": (
        "customs", "customssupervised", "instrsupervise", "海关监管", "是否海关监管",
        "是否在海关监管年限内",
    ),
    "kind": ("kind", "resourcekind", "资源类型"),
    "description": (
        "description", "function", "主要功能", "主要功能及指标", "功能", "描述", "简介",
        "servicecontent", "服务内容",
    ),
    "specifications": (
        "specifications", "specification", "technical", "主要技术指标", "技术指标", "技术参数",
        "规格",
    ),
}  # fmt: skip

# A name can be had from any of these; without all three a sheet lists no units.
NAMING = ("name", "model", "description")
