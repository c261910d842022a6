using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Comms.Media.Wire.Ed137;
using Comms.Media.Wire.Rtp;
using Comms.Support;
using Xunit;

namespace Comms.Interop.Tests.Radio;

/// <summary>What we write of ED-137 as Wireshark's own dissector reads it, field by field.</summary>
[Trait("Category", "Interop")]
public sealed class DissectedRadioTests : IDisposable
{
    private const int Port = 4_000;
    private const string New = "rtp.ext.ed137a.";
    private const string Feature = "rtp.ext.ed137a.ft.";
    private const string FeatureB = "rtp.ext.ed137b.ft.";
    private const string Measurement = "rtp.ext.ed137b.ft.climax_ddc.";
    private const string MeasurementC = "rtp.ext.ed137c.ft.climax_ddc.";
    private const string Old = "rtp.ext.ed137.";

    private readonly string _folder = Directory.CreateTempSubdirectory("comms-ed137-").FullName;

    [Fact]
    public async Task Every_field_of_the_header_is_dissected_as_it_was_meant()
    {
        var random = new SeededRandom(137);
        var packets = new List<byte[]>();
        var expected = new List<string[]>();
        for (int i = 0; i < 200; i++)
        {
            var header = new RadioHeader
            {
                Ptt = (PttType)random.Next(6), IsSquelchOpen = random.Next(2) == 1, PttId = (byte)random.Next(64), IsPttMuted = random.Next(2) == 1,
                IsPttSummation = random.Next(2) == 1, IsSimultaneous = random.Next(2) == 1,
            };
            packets.Add(Packet(extension => Plain(header, RadioHeaderForm.Ed137B, extension)));
            expected.Add([Text((int)header.Ptt), Bit(header.IsSquelchOpen), Text(header.PttId), Bit(header.IsPttMuted), Bit(header.IsPttSummation), Bit(header.IsSimultaneous), "0"]);
        }

        Assert.Equal(expected, await DissectAsync(packets, New + "ptt_type", New + "squ", New + "ptt_id", New + "pm", New + "ptts", New + "sct", New + "x"));
    }

    [Fact]
    public async Task Every_field_of_the_older_header_is_dissected_as_it_was_meant()
    {
        var random = new SeededRandom(2009);
        var packets = new List<byte[]>();
        var expected = new List<string[]>();
        for (int i = 0; i < 100; i++)
        {
            var header = new RadioHeader
            {
                Ptt = (PttType)random.Next(5), IsSquelchOpen = random.Next(2) == 1, PttId = (byte)random.Next(16), IsSimultaneous = random.Next(2) == 1,
            };
            var quality = new SignalQuality((byte)random.Next(32), (byte)random.Next(4));
            packets.Add(Packet(extension =>
            {
                var writer = new RadioFeatureWriter(extension, RadioHeaderForm.Ed137, header);
                writer.Add(quality);
                return writer.Finish();
            }));
            expected.Add(
                [Text((int)header.Ptt), Bit(header.IsSquelchOpen), Text(header.PttId), Bit(header.IsSimultaneous), "1", "1", Text(quality.Value), Text(quality.Method), "0"]);
        }

        Assert.Equal(expected, await DissectAsync(
            packets, Old + "ptt_type", Old + "squ", Old + "ptt_id", Old + "sct", Old + "x", Old + "ft.type", Old + "ft.bss.qidx", Old + "ft.bss.qidx-ml", Old + "vf"));
    }

    [Fact]
    public async Task Quality_delay_and_remote_control_are_dissected_as_they_were_meant()
    {
        var random = new SeededRandom(4);
        var packets = new List<byte[]>();
        var expected = new List<string[]>();
        for (int i = 0; i < 100; i++)
        {
            var quality = new SignalQuality((byte)random.Next(32), (byte)random.Next(8));
            var delay = new ClimaxDelay(random.Next(2) == 1, (byte)random.Next(128));
            var control = (RadioRemoteControl)random.Next(256);
            packets.Add(Packet(extension =>
            {
                var writer = new RadioFeatureWriter(extension, RadioHeaderForm.Ed137B, new RadioHeader { PttId = 1 });
                writer.Add(quality);
                writer.Add(delay);
                writer.Add(control);
                return writer.Finish();
            }));
            expected.Add(
            [
                "1", "1,2,3", Text(quality.Value), Text(quality.Method), Bit(delay.IsAbsolute), delay.IsAbsolute ? "" : Text(delay.Value),
                delay.IsAbsolute ? Text(delay.Value) : "", Flag(control, RadioRemoteControl.MainTransmitterF1), Flag(control, RadioRemoteControl.MainReceiverF1),
                Flag(control, RadioRemoteControl.MainTransmitterF2), Flag(control, RadioRemoteControl.MainReceiverF2),
                Flag(control, RadioRemoteControl.SelectedTransmitterF1), Flag(control, RadioRemoteControl.SelectedTransmitterF2),
                Flag(control, RadioRemoteControl.MuteReceiverF1), Flag(control, RadioRemoteControl.MuteReceiverF2),
            ]);
        }

        Assert.Equal(expected, await DissectAsync(
            packets, New + "x", Feature + "type", Feature + "sqi.qidx", Feature + "sqi.qidx-ml", Feature + "climax_delay.mode",
            Feature + "climax_delay.relative_value", Feature + "climax_delay.absolute_value", FeatureB + "rrc.mstxf1", FeatureB + "rrc.msrxf1", FeatureB + "rrc.mstxf2",
            FeatureB + "rrc.msrxf2", FeatureB + "rrc.seltxf1", FeatureB + "rrc.seltxf2", FeatureB + "rrc.murxf1", FeatureB + "rrc.murxf2"));
    }

    [Fact]
    public async Task Delay_measurements_are_dissected_as_they_were_meant()
    {
        var random = new SeededRandom(5);
        var packets = new List<byte[]>();
        var expected = new List<string[]>();
        for (int i = 0; i < 60; i++)
        {
            var request = new DelayRequest(random.Next(2) == 1, random.Next(1 << 23));
            packets.Add(Packet(extension => Measure(extension, request)));
            expected.Add([Bit(request.IsQualified), Text(request.T1), "", "", "", "", "", "", "", "", "", ""]);
            var answer = new DelayResponse
            {
                IsQualified = random.Next(2) == 1, T1 = random.Next(1 << 23), IsLastRequest = random.Next(2) == 1, T2 = random.Next(1 << 23),
                Tsd = (ushort)random.Next(1 << 16), Tj1 = (ushort)random.Next(1 << 16), Tid = (ushort)random.Next(1 << 16),
            };
            packets.Add(Packet(extension => Measure(extension, answer)));
            expected.Add(["", "", Bit(answer.IsQualified), Text(answer.T1), Bit(answer.IsLastRequest), Text(answer.T2), Text(answer.Tsd), Text(answer.Tj1), Text(answer.Tid), "", "", ""]);
            var newer = answer with { Ts2 = (ushort)random.Next(1 << 16) };
            packets.Add(Packet(extension => Measure(extension, newer)));
            expected.Add(["", "", "", "", "", "", "", "", "", Text(newer.T1), Text(newer.Tid), Text(newer.Ts2!.Value)]);
        }

        Assert.Equal(expected, await DissectAsync(
            packets, Measurement + "rmm_tqv", Measurement + "rmm_t1", Measurement + "mam_tqg", Measurement + "mam_t1", Measurement + "mam_nmr",
            Measurement + "mam_t2", Measurement + "mam_tsd", Measurement + "mam_tj1", Measurement + "mam_tid", MeasurementC + "mam_t1", MeasurementC + "mam_tid",
            MeasurementC + "mam_ts2"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private delegate int WriteExtension(Span<byte> extension);

    private static int Plain(RadioHeader header, RadioHeaderForm form, Span<byte> extension)
    {
        header.Write(form, extension);
        return RadioHeader.PlainBytes;
    }

    private static int Measure(Span<byte> extension, DelayRequest request)
    {
        var writer = new RadioFeatureWriter(extension, RadioHeaderForm.Ed137B, default);
        writer.Add(request);
        return writer.Finish();
    }

    private static int Measure(Span<byte> extension, DelayResponse response)
    {
        var writer = new RadioFeatureWriter(extension, RadioHeaderForm.Ed137B, default);
        writer.Add(response);
        return writer.Finish();
    }

    private static byte[] Packet(WriteExtension write)
    {
        byte[] packet = new byte[64];
        new RtpHeader(RadioDescription.KeepAlivePayloadType, false, 1, 160, 7).Write(packet);
        packet[0] |= RtpHeader.ExtensionBit;
        return packet[..(RtpHeader.Bytes + write(packet.AsSpan(RtpHeader.Bytes)))];
    }

    private async Task<List<string[]>> DissectAsync(List<byte[]> packets, params string[] fields)
    {
        string capture = Path.Combine(_folder, "radio.pcap");
        await File.WriteAllBytesAsync(capture, Capture(packets));
        var start = new ProcessStartInfo("tshark") { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments = ["-n", "-r", capture, "-d", $"udp.port=={Port},rtp", "-T", "fields", "-E", "separator=|", .. fields.SelectMany(field => new[] { "-e", field })];
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using var tshark = Process.Start(start)!;
        var errors = tshark.StandardError.ReadToEndAsync();
        string output = await tshark.StandardOutput.ReadToEndAsync();
        await tshark.WaitForExitAsync();
        Assert.True(tshark.ExitCode == 0, await errors);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('|').Select(Decimal).ToArray())];
    }

    // tshark prints some fields in hexadecimal, and repeated ones with commas between.
    private static string Decimal(string text) => string.Join(',', text.Split(',').Select(part =>
        part.StartsWith("0x", StringComparison.Ordinal) ? Text(int.Parse(part[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)) : part));

    /// <summary>A capture file of link type 101: each packet begins with its IPv4 header.</summary>
    private static byte[] Capture(List<byte[]> packets)
    {
        using var file = new MemoryStream();
        byte[] head = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(head, 0xA1B2C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(6), 4);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(16), 65_535);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(20), 101);
        file.Write(head);
        foreach (byte[] packet in packets)
        {
            int bytes = 28 + packet.Length;
            byte[] record = new byte[16 + 28];
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), bytes);
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(12), bytes);
            Span<byte> ip = record.AsSpan(16);
            (ip[0], ip[8], ip[9]) = (0x45, 64, 17);
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)bytes);
            (ip[12], ip[15], ip[16], ip[19]) = (127, 1, 127, 2);
            BinaryPrimitives.WriteUInt16BigEndian(ip[20..], Port);
            BinaryPrimitives.WriteUInt16BigEndian(ip[22..], Port);
            BinaryPrimitives.WriteUInt16BigEndian(ip[24..], (ushort)(8 + packet.Length));
            file.Write(record);
            file.Write(packet);
        }

        return file.ToArray();
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Bit(bool isSet) => isSet ? "1" : "0";

    private static string Flag(RadioRemoteControl control, RadioRemoteControl flag) => Bit(control.HasFlag(flag));
}
