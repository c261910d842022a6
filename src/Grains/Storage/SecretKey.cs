namespace Comms.Grains.Storage;

/// <summary>One 256-bit key and the number by which sealed values name it.</summary>
public sealed record SecretKey(uint Id, byte[] Key)
{
    public override string ToString() => $"SecretKey {Id}";
}
