namespace Comms.Signaling.Hosting;

/// <summary>What a person reads on the console when the server is ready.</summary>
public static class StartupText
{
    public static void Print(ReadyReport report, IServiceProvider services)
    {
        DataFolder folder = services.GetRequiredService<DataFolder>();
        FirstStart first = services.GetRequiredService<FirstStart>();
        Console.WriteLine($"Comms {report.Version} 综合通信调度服务");
        foreach (string url in report.Urls)
        {
            Console.WriteLine($"  console 指挥台   {url}");
            Console.WriteLine($"  phone   手机     {url}ptt");
        }

        if (services.GetRequiredService<ServerCertificate>().AuthorityDer is not null)
            Console.WriteLine($"  phones install this CA first 手机先安装证书: {report.Urls.Skip(1).FirstOrDefault(report.Urls[0])}ca.crt");
        foreach (var (name, port) in report.Ports) Console.WriteLine($"  {name,-8} {port}");
        PrintLogins(first, folder);
        long files = FileLimit.Current;
        Console.WriteLine($"  open files 文件数 {files}: {FileLimit.Phones(files)} phones 手机, or {FileLimit.Cameras(files)} cameras 或摄像机");
        Console.WriteLine($"  data 数据 {folder.Root}");
        Console.WriteLine("ready");
    }

    private static void PrintLogins(FirstStart first, DataFolder folder)
    {
        if (first.Logins.Count > 0)
        {
            Console.WriteLine("  logins 账号 (account, password, role 账号、密码、角色):");
            foreach (string line in first.Logins) Console.WriteLine("    " + line);
        }

        if (File.Exists(folder.DemoLogins)) Console.WriteLine($"  demo logins 演示账号: {folder.DemoLogins}");
    }
}
