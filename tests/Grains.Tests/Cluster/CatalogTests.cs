using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Xunit;

namespace Comms.Grains.Tests.Cluster;

/// <summary>Accounts, units and the index that finds them, in a cluster.</summary>
[Collection(TwoSilos.Name)]
public sealed class CatalogTests(TwoSilos cluster)
{
    [Fact]
    public async Task Rebuilt_index_of_any_silo_finds_everything_and_drops_what_is_gone()
    {
        string unit = await cluster.AddUnitAsync();
        string gone = await cluster.AddUnitAsync();
        IChannelGrain channel = await cluster.AddChannelAsync();
        foreach (DirectoryIndex index in new[] { cluster.IndexOf(0), cluster.IndexOf(1) })
        {
            await index.RebuildAsync();
            Assert.True(index.Ready.IsCompletedSuccessfully);
            Assert.NotNull(index.FindUnit(unit));
            Assert.NotNull(index.FindChannel(channel.GetPrimaryKeyString()));
            Assert.Equal(ChannelRight.Talk, index.GetRight(channel.GetPrimaryKeyString(), unit));
            Assert.True(index.IsWithin("east", "city"));
        }

        Assert.True((await cluster.Grains.GetGrain<IUnitGrain>(gone).Remove(TwoSilos.Admin)).IsOk);
        foreach (DirectoryIndex index in new[] { cluster.IndexOf(0), cluster.IndexOf(1) })
        {
            await index.RebuildAsync();
            Assert.Null(index.FindUnit(gone));
        }
    }

    [Fact]
    public async Task Nodes_hear_of_changes_and_can_tell_from_a_report_that_they_missed_none()
    {
        INodeDirectoryGrain nodes = cluster.Grains.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key);
        var node = new RecordingObserver();
        INodeObserver reference = cluster.Reference(node);
        await nodes.Report("hearing", reference, []);
        string unit = await cluster.AddUnitAsync();
        await TwoSilos.UntilAsync(
            () => node.Catalog.Contains(new CatalogChange(CatalogKind.Unit, unit, false)), "the node hears of the unit");
        Assert.Contains("hearing", await nodes.GetLiveNodes());
        Assert.Equal(node.LastVersion!.Life, (await nodes.Report("hearing", reference, [])).Life);
        await nodes.Leave("hearing");
        Assert.Null(await nodes.Find("hearing"));
    }

    [Fact]
    public async Task Account_keeps_its_secret_sealed_and_spends_a_refresh_token_once()
    {
        string id = cluster.NewId("acc");
        IAccountGrain account = cluster.Grains.GetGrain<IAccountGrain>(id);
        var definition = new AccountDefinition(id, "Ann", AccountRole.Dispatcher, "");
        Assert.Equal(OutcomeCode.Invalid, (await account.Put(definition, null, TwoSilos.Admin)).Code);
        Assert.True((await account.Put(definition, new AccountSecret("h", "m", "s"), TwoSilos.Admin)).IsOk);
        Assert.Equal(new AccountSecret("h", "m", "s"), await account.GetSecret());
        DateTimeOffset later = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await account.AddRefreshToken(new RefreshToken("t1", later));
        await account.AddRefreshToken(new RefreshToken("t2", later));
        DateTimeOffset now = later.AddDays(-1);
        bool[] spent = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => account.SpendRefreshToken("t1", now)));
        Assert.Single(spent, isSpent => isSpent);
        Assert.False(await account.SpendRefreshToken("t2", now));
        Assert.True((await account.Put(definition with { DisplayName = "Anne" }, null, TwoSilos.Admin)).IsOk);
        Assert.NotNull(await account.GetSecret());
        Assert.True((await account.Remove(TwoSilos.Admin)).IsOk);
        Assert.Null(await account.GetSecret());
    }

    [Fact]
    public async Task Disabled_account_is_signed_out_everywhere()
    {
        string id = cluster.NewId("acc");
        IAccountGrain account = cluster.Grains.GetGrain<IAccountGrain>(id);
        var definition = new AccountDefinition(id, "Bob", AccountRole.Responder, "");
        await account.Put(definition, new AccountSecret("h", "m", "s"), TwoSilos.Admin);
        DateTimeOffset later = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await account.AddRefreshToken(new RefreshToken("t1", later));
        await account.Put(definition with { Disabled = true }, null, TwoSilos.Admin);
        Assert.False(await account.SpendRefreshToken("t1", later.AddDays(-1)));
    }

    [Fact]
    public async Task Late_offline_report_of_a_former_node_does_not_hide_the_unit()
    {
        string unit = cluster.NewId("u");
        IPresenceGrain presence = cluster.Grains.GetGrain<IPresenceGrain>(PresencePart.Of(unit));
        INodeDirectoryGrain nodes = cluster.Grains.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key);
        await nodes.Report("p2", cluster.Reference(new RecordingObserver()), []);
        await presence.Report("p1", [unit, "another"], []);
        await presence.Report("p2", [unit], []);
        await presence.Report("p1", [], [unit, "another"]);
        Assert.Equal("p2", await presence.Find(unit));
        Assert.Equal([unit], await presence.FindOnline([unit, "another"]));
        Assert.Equal("", await presence.Find("another"));
        await nodes.Leave("p2");
        Assert.Equal("", await presence.Find(unit));
    }

    [Fact]
    public async Task Contacts_are_kept_by_machine_and_listed_while_there_are_any()
    {
        string id = cluster.NewId("acc");
        IRegistrationGrain registration = cluster.Grains.GetGrain<IRegistrationGrain>(id);
        ICatalogGrain listed = cluster.Grains.GetGrain<ICatalogGrain>(CatalogPart.KeyOf(CatalogKind.Registration, id));
        SipContact Contact(string machine) => new(machine, "<sip:a@h>", "192.0.2.1:5060", "192.0.2.2:5060", DateTimeOffset.UnixEpoch, "c", 1);
        await registration.Keep("m1", [Contact("m1")]);
        await registration.Keep("m2", [Contact("m2")]);
        Assert.Equal([Contact("m1"), Contact("m2")], await registration.GetContacts());
        Assert.Contains(id, await listed.GetIds());
        await registration.Keep("m1", []);
        Assert.Equal([Contact("m2")], await registration.GetContacts());
        await registration.Keep("m2", []);
        Assert.Empty(await registration.GetContacts());
        Assert.DoesNotContain(id, await listed.GetIds());
    }
}
