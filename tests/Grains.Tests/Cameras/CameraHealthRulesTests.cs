using Comms.Grains.Cameras;
using Comms.Grains.Contracts;
using Xunit;

namespace Comms.Grains.Tests.Cameras;

/// <summary>What is believed of a camera after what was seen of it.</summary>
public sealed class CameraHealthRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CameraEvidence Answer = new(CameraCondition.Online, "", Start.AddMinutes(9));
    private static readonly CameraEvidence Picture = Answer with { IsPicture = true };

    [Fact]
    public void Outage_is_dated_from_its_beginning_also_when_its_reason_changes()
    {
        CameraHealth refused = CameraHealthRules.After(CameraHealth.Unknown, Away("connection refused", 3));
        CameraHealth silent = CameraHealthRules.After(refused, Away("connection timed out", 5));
        Assert.Equal(new CameraHealth(CameraCondition.Offline, "connection timed out", Start.AddMinutes(3)), silent);
        Assert.Equal(new CameraHealth(CameraCondition.Online, "", Start.AddMinutes(9)), CameraHealthRules.After(silent, Answer));
    }

    [Fact]
    public void Wrong_password_stays_until_a_picture_comes_because_a_mere_answer_disproves_nothing()
    {
        var wrong = new CameraHealth(CameraCondition.Faulty, "wrong password", Start);
        Assert.Equal(wrong, CameraHealthRules.After(wrong, Answer));
        Assert.Equal(CameraCondition.Online, CameraHealthRules.After(wrong, Picture).Condition);
        Assert.Equal(CameraCondition.Online, CameraHealthRules.After(CameraHealthRules.After(wrong, Away("no route", 2)), Answer).Condition);
    }

    [Fact]
    public void Late_key_frames_are_remembered_until_a_better_picture_was_seen()
    {
        CameraHealth late = CameraHealthRules.After(CameraHealth.Unknown, Picture with { Condition = CameraCondition.Degraded, Reason = "key frame every 20 s" });
        Assert.Equal(late, CameraHealthRules.After(late, Answer));
        Assert.Equal(CameraCondition.Online, CameraHealthRules.After(late, Picture).Condition);
    }

    [Fact]
    public void What_is_known_already_changes_nothing()
    {
        CameraHealth online = CameraHealthRules.After(CameraHealth.Unknown, Answer);
        Assert.Equal(online, CameraHealthRules.After(online, Picture with { Since = Start.AddHours(1) }));
        CameraHealth away = CameraHealthRules.After(online, Away("connection refused", 20));
        Assert.Equal(away, CameraHealthRules.After(away, Away("connection refused", 30)));
    }

    private static CameraEvidence Away(string reason, int minute) => new(CameraCondition.Offline, reason, Start.AddMinutes(minute));
}
