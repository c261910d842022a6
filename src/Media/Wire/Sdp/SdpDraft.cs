namespace Comms.Media.Wire.Sdp;

/// <summary>A description while its lines are read: every line belongs to the session or to the last m= section.</summary>
internal sealed class SdpDraft
{
    private readonly List<SdpMedia> _finished = [];
    private readonly List<SdpAttribute> _sessionAttributes = [];
    private readonly List<SdpBandwidth> _sessionBandwidths = [];
    private SdpMedia? _media;
    private List<SdpAttribute> _mediaAttributes = [];
    private List<SdpBandwidth> _mediaBandwidths = [];
    private SdpConnection? _sessionConnection;

    public SdpOrigin Origin { get; set; } = SdpOrigin.None;

    public string Name { get; set; } = "-";

    public bool HasMedia => _media is not null;

    public int MediaCount => _finished.Count + (_media is null ? 0 : 1);

    public void SetConnection(SdpConnection connection)
    {
        if (_media is null) _sessionConnection = connection;
        else _media = _media with { Connection = connection };
    }

    public void AddBandwidth(SdpBandwidth bandwidth) => (_media is null ? _sessionBandwidths : _mediaBandwidths).Add(bandwidth);

    public void AddAttribute(SdpAttribute attribute) => (_media is null ? _sessionAttributes : _mediaAttributes).Add(attribute);

    public void BeginMedia(SdpMedia media)
    {
        FinishMedia();
        _media = media;
    }

    public SdpSession Build()
    {
        FinishMedia();
        return new SdpSession
        {
            Origin = Origin,
            Name = Name,
            Connection = _sessionConnection,
            Bandwidths = _sessionBandwidths,
            Attributes = _sessionAttributes,
            Media = _finished,
        };
    }

    private void FinishMedia()
    {
        if (_media is null) return;
        _finished.Add(_media with { Attributes = _mediaAttributes, Bandwidths = _mediaBandwidths });
        _media = null;
        _mediaAttributes = [];
        _mediaBandwidths = [];
    }
}
