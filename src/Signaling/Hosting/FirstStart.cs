using System.Globalization;
using System.Text;
using Comms.Grains.Contracts;
using Comms.Signaling.Security;

namespace Comms.Signaling.Hosting;

/// <summary>
/// Fills an empty store: with the demo town, or with one administrator whose password must be changed. Later starts only
/// point the demo cameras at the simulator. What was made is kept for <see cref="StartupText"/> to print.
/// </summary>
public sealed class FirstStart(FirstStartParts parts, IDirectoryIndex directory, IGrainFactory grains, DataFolder folder)
{
    private const string AdministratorId = "admin";

    /// <summary>Lines to print once, with passwords; empty on a later start.</summary>
    public IReadOnlyList<string> Logins { get; private set; } = [];

    public async Task RunAsync(CancellationToken stop)
    {
        await directory.Ready.WaitAsync(stop);
        bool isFirst = !HasAdministrator();
        if (isFirst) await (parts.Demo.Enabled ? SeedDemoAsync(stop) : SeedAdministratorAsync());
        else if (parts.Demo.Enabled && File.Exists(folder.DemoLogins)) await parts.Seeder.MoveCamerasAsync(await CameraUrlAsync(stop), directory);
        if (isFirst) await WaitForAccountsAsync(stop);
    }

    /// <summary>The administrator is the last that a first start makes, so without one it was never finished.</summary>
    private bool HasAdministrator()
    {
        string? after = "";
        while (after is not null)
        {
            Page<AccountDefinition> page = directory.Accounts(new DirectoryQuery(After: after, Limit: 1000));
            if (page.Items.Any(account => account.Role == AccountRole.Administrator)) return true;
            after = page.Next;
        }

        return false;
    }

    private async Task SeedDemoAsync(CancellationToken stop)
    {
        var passwords = DemoTown.Accounts.ToDictionary(account => account.Id, _ => GeneratedPassword.Create());
        Logins = [.. DemoTown.Accounts.Select(account => Line(account, passwords[account.Id]))];
        var text = new StringBuilder("# Logins of the demo town: account, password, role, name. Delete this file when they are no longer needed.\n");
        foreach (string line in Logins) text.AppendLine(line);
        PrivateFile.Write(folder.DemoLogins, text.ToString());
        await parts.Seeder.SeedAsync(await CameraUrlAsync(stop), passwords);
    }

    private async Task SeedAdministratorAsync()
    {
        string password = GeneratedPassword.Create();
        var account = new AccountDefinition(AdministratorId, "Administrator 管理员", AccountRole.Administrator, "", MustChangePassword: true);
        Outcome outcome = await grains.GetGrain<IAccountGrain>(account.Id).Put(account, parts.Secrets.Create(account.Id, password), Actor.System);
        if (!outcome.IsOk) throw new InvalidOperationException($"The administrator cannot be made: {outcome.Detail}");
        Logins = [Line(account, password) + "   (one-time: it must be changed at the first sign-in)"];
    }

    /// <summary>A sign-in right after "ready" must find its account in this node's index.</summary>
    private async Task WaitForAccountsAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (directory.FindAccount(AdministratorId) is null) await timer.WaitForNextTickAsync(stop);
    }

    private async Task<string> CameraUrlAsync(CancellationToken stop) =>
        parts.Demo.CameraBaseUrl.Length > 0 ? parts.Demo.CameraBaseUrl : await parts.Cameras.BaseUrlAsync(stop);

    private static string Line(AccountDefinition account, string password) => string.Create(
        CultureInfo.InvariantCulture, $"{account.Id,-12} {password}  {Roles.Word(account.Role),-13} {account.DisplayName}");
}

/// <summary>What a first start is made of, besides the directory.</summary>
public sealed record FirstStartParts(DemoOptions Demo, DemoSeeder Seeder, DemoCameras Cameras, AccountSecrets Secrets);
