using Comms.Grains.Contracts;

namespace Comms.Signaling.Hosting;

/// <summary>The town of a first start: places, responders, channels and cameras, as data. Names are invented.</summary>
public static class DemoTown
{
    public const string CommandUnit = "u-command";

    public static readonly IReadOnlyList<TownNode> Places =
    [
        new("linhai", "", TownLevel.City, "临海市", "Linhai City", "4419"),
        new("dongjiang", "linhai", TownLevel.Town, "东江镇", "Dongjiang", "441901"),
        new("xihu", "linhai", TownLevel.Town, "西湖镇", "Xihu", "441902"),
        new("lianhua", "dongjiang", TownLevel.Village, "莲花村", "Lianhua", "441901101"),
        new("shuikou", "dongjiang", TownLevel.Village, "水口村", "Shuikou", "441901102"),
        new("zhuyuan", "xihu", TownLevel.Village, "竹园村", "Zhuyuan", "441902101"),
        new("qiaotou", "xihu", TownLevel.Village, "桥头村", "Qiaotou", "441902102"),
    ];

    public static readonly IReadOnlyList<UnitDefinition> Units =
    [
        new("u-police1", "P-101", "王伟", "Wang Wei", UnitService.Police, "dongjiang", 5),
        new("u-police2", "P-102", "李娜", "Li Na", UnitService.Police, "lianhua", 3),
        new("u-police3", "P-201", "张强", "Zhang Qiang", UnitService.Police, "xihu", 3),
        new("u-fire1", "F-11", "刘洋", "Liu Yang", UnitService.Fire, "dongjiang", 5),
        new("u-fire2", "F-12", "陈静", "Chen Jing", UnitService.Fire, "shuikou", 3),
        new("u-fire3", "F-21", "赵磊", "Zhao Lei", UnitService.Fire, "xihu", 3),
        new("u-ambulance1", "A-1", "黄敏", "Huang Min", UnitService.Ambulance, "dongjiang", 5),
        new("u-ambulance2", "A-2", "周杰", "Zhou Jie", UnitService.Ambulance, "xihu", 3),
        new("u-ambulance3", "A-3", "吴婷", "Wu Ting", UnitService.Ambulance, "qiaotou", 3),
        new("u-grid1", "G-01", "徐丽", "Xu Li", UnitService.Grid, "lianhua", 2),
        new("u-grid2", "G-02", "孙鹏", "Sun Peng", UnitService.Grid, "zhuyuan", 2),
        new("u-grid3", "G-03", "马超", "Ma Chao", UnitService.Grid, "qiaotou", 2),
        new(CommandUnit, "CMD", "指挥中心", "Command Centre", UnitService.Command, "linhai", 10),
        new("u-dispatch1", "D-1", "调度一席", "Dispatcher One", UnitService.Command, "linhai", 8),
        new("u-dispatch2", "D-2", "东江调度", "Dongjiang Dispatch", UnitService.Command, "dongjiang", 8),
        new("u-radio1", "R-1", "电台网关一", "Radio Gateway One", UnitService.Gateway, "linhai", 4),
    ];

    public static readonly IReadOnlyList<ChannelDefinition> Channels =
    [
        new("police", "公安频道", "Police", "7001", ChannelKind.Service, "linhai"),
        new("fire", "消防频道", "Fire", "7002", ChannelKind.Service, "linhai"),
        new("ambulance", "急救频道", "Ambulance", "7003", ChannelKind.Service, "linhai"),
        new("grid", "网格频道", "Grid", "7004", ChannelKind.Service, "linhai"),
        new("incident1", "一号现场", "Incident One", "7005", ChannelKind.Incident, "linhai"),
    ];

    public static readonly IReadOnlyList<CameraDefinition> Cameras =
    [
        new("cam1", "市政广场", "City Hall Square", "linhai", "police", 23.0207, 113.7518, 90),
        new("cam2", "东江大桥", "Dongjiang Bridge", "dongjiang", "police", 23.0312, 113.7701, 180),
        new("cam3", "东江汽车站", "Dongjiang Bus Station", "dongjiang", "police", 23.0335, 113.7655, 0),
        new("cam4", "莲花路口", "Lianhua Crossing", "lianhua", "grid", 23.0391, 113.7820, 45),
        new("cam5", "水口水库", "Shuikou Reservoir", "shuikou", "fire", 23.0467, 113.7902, 270),
        new("cam6", "西湖公园", "Xihu Park", "xihu", "grid", 23.0102, 113.7204, 135),
        new("cam7", "竹园工业区", "Zhuyuan Works", "zhuyuan", "fire", 23.0044, 113.7113, 225),
        new("cam8", "桥头学校", "Qiaotou School", "qiaotou", "police", 22.9987, 113.7029, 315),
    ];

    /// <summary>Accounts in the order they are shown; each is given a password of its own.</summary>
    public static readonly IReadOnlyList<AccountDefinition> Accounts =
    [
        new("admin", "Administrator 管理员", AccountRole.Administrator, CommandUnit),
        new("dispatch1", "Dispatcher One 调度一席", AccountRole.Dispatcher, "u-dispatch1"),
        new("dispatch2", "Dongjiang Dispatch 东江调度", AccountRole.Dispatcher, "u-dispatch2", "linhai/dongjiang"),
        .. Units.Where(unit => unit.Service is not (UnitService.Command or UnitService.Gateway))
            .Select(unit => new AccountDefinition(unit.Id[2..], $"{unit.NameEn} {unit.NameZh}", AccountRole.Responder, unit.Id)),
        new("radio1", "Radio Gateway One 电台网关一", AccountRole.Gateway, "u-radio1"),
    ];

    /// <summary>Members of each channel: its service, command, the gateway; everyone may speak at the incident.</summary>
    public static IReadOnlyList<ChannelRule> RulesOf(ChannelDefinition channel) =>
    [
        new(ChannelRuleKind.Service, nameof(UnitService.Command), ChannelRight.Supervise),
        new(ChannelRuleKind.Service, nameof(UnitService.Gateway), ChannelRight.Talk),
        .. Enum.GetValues<UnitService>()
            .Where(service => service < UnitService.Command)
            .Where(service => channel.Kind == ChannelKind.Incident || service.ToString().Equals(channel.Id, StringComparison.OrdinalIgnoreCase))
            .Select(service => new ChannelRule(ChannelRuleKind.Service, service.ToString(), ChannelRight.Talk)),
    ];
}
