namespace Comms.Signaling.Hosting;

/// <summary>Looks now and then whether the certificate still fits the machine's addresses and the date.</summary>
public sealed partial class CertificateRenewal(ServerCertificate certificate, TimeProvider time, ILogger<CertificateRenewal> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) TryRenew();
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private void TryRenew()
    {
        try
        {
            if (certificate.Renew()) Renewed();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or System.Net.NetworkInformation.NetworkInformationException)
        {
            Failed(fault);
        }
    }

    [LoggerMessage(2011, LogLevel.Information, "The HTTPS certificate was made anew, because the machine's addresses changed or its end came near")]
    private partial void Renewed();

    [LoggerMessage(2012, LogLevel.Warning, "The HTTPS certificate cannot be checked or made anew")]
    private partial void Failed(Exception fault);
}
