namespace Comms.Signaling.Store;

/// <summary>The store cannot be used; the message is a sentence for the operator.</summary>
public sealed class StoreException : Exception
{
    public StoreException(string message)
        : base(message)
    {
    }

    public StoreException(string message, Exception cause)
        : base(message, cause)
    {
    }
}
