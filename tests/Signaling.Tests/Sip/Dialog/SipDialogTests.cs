using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Dialog;

public sealed class SipDialogTests
{
    [Fact]
    public void A_uas_dialog_turns_the_ends_round_and_keeps_the_route_order()
    {
        var invite = SipSamples.Request("INVITE", cseq: 7, extra: "Record-Route: <sip:p1.example;lr>\nRecord-Route: <sip:p2.example;lr>, <sip:p3.example;lr>");
        Assert.True(SipDialog.TryCreateUas(invite, SipSamples.Flow, "ours", out var dialog));
        Assert.Equal(new DialogId("call-1", "ours", "phone"), dialog!.Id);
        var bye = dialog.CreateRequest("BYE");
        Assert.Equal("sip:gw1@192.0.2.77:40001", bye.UriText);
        Assert.Equal("ours", bye.From.Tag);
        Assert.Equal("phone", bye.To.Tag);
        Assert.Equal(["<sip:p1.example;lr>", "<sip:p2.example;lr>", "<sip:p3.example;lr>"], bye.Headers.All("Route"));
        Assert.Equal(1u, bye.CSeq.Number);
        Assert.Equal(2u, dialog.CreateRequest("OPTIONS").CSeq.Number);
    }

    [Fact]
    public void A_strict_first_route_becomes_the_target()
    {
        var invite = SipSamples.Request("INVITE", extra: "Record-Route: <sip:old.example>, <sip:p2.example;lr>");
        Assert.True(SipDialog.TryCreateUas(invite, SipSamples.Flow, "ours", out var dialog));
        var bye = dialog!.CreateRequest("BYE");
        Assert.Equal("sip:old.example", bye.UriText);
        Assert.Equal(["<sip:p2.example;lr>", "<sip:gw1@192.0.2.77:40001>"], bye.Headers.All("Route"));
    }

    [Fact]
    public void A_uac_dialog_reverses_the_record_route()
    {
        var invite = SipSamples.Request("INVITE");
        var response = SipResponse.For(invite, 200, "theirs");
        response.Headers.Add("Contact", "<sip:radio@198.51.100.7>");
        response.Headers.Add("Record-Route", "<sip:p1;lr>, <sip:p2;lr>");
        Assert.True(SipDialog.TryCreateUac(invite, response, SipSamples.Flow, out var dialog));
        Assert.Equal(new DialogId("call-1", "phone", "theirs"), dialog!.Id);
        Assert.Equal(["<sip:p2;lr>", "<sip:p1;lr>"], dialog.CreateRequest("BYE").Headers.All("Route"));
        Assert.Equal(1u, dialog.CreateAck(1).CSeq.Number);
        Assert.Equal(3u, dialog.CreateRequest("BYE").CSeq.Number);
    }

    [Theory]
    [InlineData("Contact: <tel:+86110>")]
    [InlineData("Contact: *")]
    [InlineData("Contact: <sip:a@b>, <sip:c@d>")]
    public void A_dialog_needs_one_sip_contact(string contact)
    {
        var text = "INVITE sip:7000@h SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:a@h>;tag=1\nTo: <sip:7000@h>\nCall-ID: 1\n"
            + $"CSeq: 1 INVITE\n{contact}\n\n";
        Assert.False(SipDialog.TryCreateUas((SipRequest)SipSamples.Parse(text), SipSamples.Flow, "ours", out _));
    }

    [Fact]
    public void Requests_out_of_order_are_refused()
    {
        Assert.True(SipDialog.TryCreateUas(SipSamples.Request("INVITE", cseq: 10), SipSamples.Flow, "ours", out var dialog));
        Assert.False(dialog!.AcceptsInOrder(SipSamples.Request("BYE", cseq: 9), SipSamples.Flow));
        Assert.True(dialog.AcceptsInOrder(SipSamples.Request("INVITE", cseq: 12), SipSamples.Flow));
        Assert.False(dialog.AcceptsInOrder(SipSamples.Request("BYE", cseq: 11), SipSamples.Flow));
    }
}
