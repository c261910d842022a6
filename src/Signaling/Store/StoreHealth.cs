namespace Comms.Signaling.Store;

/// <summary>Whether changes can be stored now, for /healthz. Written by the store's service, read by anyone.</summary>
public sealed class StoreHealth
{
    private string _fault = "starting";

    /// <summary>A sentence, "" when all is well.</summary>
    public string Fault
    {
        get => Volatile.Read(ref _fault);
        set => Volatile.Write(ref _fault, value);
    }

    public bool IsHealthy => Fault.Length == 0;
}
