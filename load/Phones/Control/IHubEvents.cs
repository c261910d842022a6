namespace Comms.Phones.Control;

/// <summary>What one phone hears from the hub; called on the phone's loop.</summary>
internal interface IHubEvents
{
    /// <summary>The hub takes calls now.</summary>
    void OnHubOpen();

    /// <param name="result">The MessagePack result; empty for none.</param>
    void OnReply(int id, bool isError, ReadOnlySpan<byte> result);

    /// <param name="arguments">A MessagePack array.</param>
    void OnNews(ReadOnlySpan<byte> method, ReadOnlySpan<byte> arguments, long arrivalNs);

    void OnHubClosed(string reason);
}
