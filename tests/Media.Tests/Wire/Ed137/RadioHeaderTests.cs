using System.Buffers.Binary;
using Comms.Media.Wire.Ed137;
using Comms.Media.Wire.Rtp;
using Comms.Media.Wire.Sdp;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Wire.Ed137;

public class RadioHeaderTests
{
    [Fact]
    public void The_examples_of_the_standard_are_written_bit_by_bit()
    {
        Assert.Equal("0167000120400000", Plain(RadioHeaderForm.Ed137B, new RadioHeader { Ptt = PttType.Normal, PttId = 1 }));
        Assert.Equal("0167000110000000", Plain(RadioHeaderForm.Ed137B, new RadioHeader { IsSquelchOpen = true }));
        Assert.Equal("0067000132800000", Plain(RadioHeaderForm.Ed137, new RadioHeader { Ptt = PttType.Normal, IsSquelchOpen = true, PttId = 2, IsSimultaneous = true }));
    }

    [Fact]
    public void Every_field_of_the_newer_form_is_read_as_it_was_written()
    {
        var header = new RadioHeader
        {
            Ptt = PttType.Emergency, IsSquelchOpen = true, PttId = 63, IsPttMuted = true, IsPttSummation = true, IsSimultaneous = true,
        };
        var response = new DelayResponse { IsQualified = true, T1 = 0x7F_FFFF, IsLastRequest = true, T2 = 1, Tsd = 2, Tj1 = 0xFFFF, Tid = 4, Ts2 = 5 };
        Span<byte> buffer = stackalloc byte[64];
        var writer = new RadioFeatureWriter(buffer, RadioHeaderForm.Ed137B, header);
        writer.Add(new SignalQuality(31, 2));
        writer.Add(new ClimaxDelay(true, 99));
        writer.Add(RadioRemoteControl.MainTransmitterF1 | RadioRemoteControl.MuteReceiverF2);
        writer.Add(new DelayRequest(false, 77));
        writer.Add(response);
        writer.Add(response with { Ts2 = null });
        int bytes = writer.Finish();
        Assert.Equal(0, bytes % 4);
        Assert.True(RadioHeader.TryParse(0x0167, buffer[4..bytes], out var read, out var features));
        Assert.Equal(header, read);
        Assert.True(features.TryRead(out var feature));
        Assert.True(feature.TryReadQuality(out var quality));
        Assert.Equal(new SignalQuality(31, 2), quality);
        Assert.True(features.TryRead(out feature));
        Assert.True(feature.TryReadClimaxDelay(out var delay));
        Assert.Equal(new ClimaxDelay(true, 99), delay);
        Assert.True(features.TryRead(out feature));
        Assert.True(feature.TryReadRemoteControl(out var control));
        Assert.Equal(RadioRemoteControl.MainTransmitterF1 | RadioRemoteControl.MuteReceiverF2, control);
        Assert.True(features.TryRead(out feature));
        Assert.True(feature.TryReadDelayRequest(out var request));
        Assert.Equal(new DelayRequest(false, 77), request);
        Assert.True(features.TryRead(out feature));
        Assert.True(feature.TryReadDelayResponse(out var answered));
        Assert.Equal(response, answered);
        Assert.True(features.TryRead(out feature));
        Assert.True(feature.TryReadDelayResponse(out answered));
        Assert.Equal(response with { Ts2 = null }, answered);
        Assert.False(features.TryRead(out _));
    }

    [Fact]
    public void The_older_form_carries_one_feature()
    {
        Span<byte> buffer = stackalloc byte[8];
        var writer = new RadioFeatureWriter(buffer, RadioHeaderForm.Ed137, new RadioHeader { Ptt = PttType.Priority, PttId = 15 });
        writer.Add(new SignalQuality(14, 0));
        Assert.Equal(8, writer.Finish());
        Assert.True(RadioHeader.TryParse(0x0067, buffer[4..], out var read, out var features));
        Assert.Equal(new RadioHeader { Ptt = PttType.Priority, PttId = 15 }, read);
        Assert.True(RadioFeatureReader.TryFindQuality(features, out var quality));
        Assert.Equal(new SignalQuality(14, 0), quality);
    }

    [Theory]
    [InlineData(0xBEDE, "20400000")]
    [InlineData(0x0167, "")]
    [InlineData(0x0067, "204000")]
    public void Other_profiles_and_missing_words_are_refused(int profile, string words) =>
        Assert.False(RadioHeader.TryParse((ushort)profile, Convert.FromHexString(words), out _, out _));

    [Fact]
    public void A_feature_that_overruns_the_extension_ends_the_reading()
    {
        Assert.True(RadioHeader.TryParse(0x0167, Convert.FromHexString("2041114F"), out _, out var features));
        Assert.True(features.TryRead(out _));
        Assert.True(RadioHeader.TryParse(0x0167, Convert.FromHexString("20414F11"), out _, out features));
        Assert.False(features.TryRead(out _));
    }

    [Fact]
    public void Mutated_extensions_never_throw_and_read_nothing_beyond_their_words()
    {
        byte[][] corpus =
        [
            Convert.FromHexString("90FB000100000000000012340167000120400000"),
            Convert.FromHexString("90FB0001000000000000123401670006104111791299138143001122" + "4C112233445566778899AABB00"),
            Convert.FromHexString("90FB0001000000000000123400670001324470E0"),
        ];
        Fuzz.Run(corpus, 137, Read, allocationFree: true);

        static void Read(ReadOnlySpan<byte> datagram)
        {
            if (!RtpPacketView.TryParse(datagram, out var packet)) return;
            if (!RadioHeader.TryParse(packet.ExtensionProfile, packet.ExtensionWords, out var header, out var features)) return;
            Span<byte> again = stackalloc byte[RadioHeader.PlainBytes];
            header.Write((RadioHeaderForm)packet.ExtensionProfile, again);
            if (again[4] != packet.ExtensionWords[0]) throw new InvalidOperationException("what was read is written otherwise");
            for (int bytes = 0; features.TryRead(out var feature); bytes += 1 + feature.Value.Length)
            {
                feature.TryReadDelayRequest(out _);
                feature.TryReadDelayResponse(out _);
                if (bytes > packet.ExtensionWords.Length) throw new InvalidOperationException("features exceed the extension");
            }
        }
    }

    [Fact]
    public void The_attributes_of_an_offer_are_read_from_an_answer()
    {
        var offered = new RadioDescription
        {
            Mode = RadioMode.Receive, BestSignalMethod = "AGC", PttId = 3, PttRepeats = 2, KeepAlivePeriodMs = 100, KeepAliveMultiplier = 20,
            FrequencyId = "118.005", StaysOnFrequencyChange = true,
        };
        var media = new SdpMedia { Kind = "audio", Port = 4_000, Protocol = "RTP/AVP", Formats = ["8", "123"], Attributes = [.. offered.Attributes()] };
        string text = new SdpSession { Connection = new SdpConnection(false, "127.0.0.1"), Media = [media] }.ToString();
        Assert.True(SdpParser.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var session, out _));
        Assert.Equal(offered, RadioDescription.Read(session, session.Media[0]));
        Assert.Equal(2_000, offered.SilenceLimitMs);
    }

    [Fact]
    public void Senseless_attributes_are_the_standards_defaults()
    {
        var media = new SdpMedia
        {
            Kind = "audio", Port = 1, Protocol = "RTP/AVP",
            Attributes = [new("R2S-KeepAlivePeriod", "5"), new("R2S-KeepAliveMultiplier", "x"), new("ptt-id", "64"), new("txrxmode", "?")],
        };
        var read = RadioDescription.Read(new SdpSession { Media = [media] }, media);
        Assert.Equal((200, 10, (byte)0, RadioMode.TransmitAndReceive), (read.KeepAlivePeriodMs, read.KeepAliveMultiplier, read.PttId, read.Mode));
    }

    private static string Plain(RadioHeaderForm form, RadioHeader header)
    {
        Span<byte> buffer = stackalloc byte[RadioHeader.PlainBytes];
        header.Write(form, buffer);
        Assert.True(RadioHeader.TryParse(BinaryPrimitives.ReadUInt16BigEndian(buffer), buffer[4..], out var read, out _));
        Assert.Equal(header, read);
        return Convert.ToHexString(buffer);
    }
}
