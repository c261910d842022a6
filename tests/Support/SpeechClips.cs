using System.Diagnostics;
using System.Globalization;

namespace Comms.Support;

/// <summary>
/// Speech for tests, spoken by espeak-ng: different speakers saying different things, 48 kHz mono, about ten seconds each, made
/// once per machine and kept in the temporary folder.
/// </summary>
public static class SpeechClips
{
    private const int SamplesPerSecond = 48_000;

    /// <summary>Counts in the file name, so that clips of another wording or voice are made anew.</summary>
    private const int Version = 2;

    private static readonly Lock Gate = new();

    /// <summary>A man, in English.</summary>
    public static string Dispatcher => Make("dispatcher", "en-us", 150, 40,
        "Control to all units on the north bridge. Fire engine four and ambulance seven, proceed to the harbour road now. "
        + "Police will close both lanes within five minutes. Report your position when you arrive.");

    /// <summary>A woman, in English.</summary>
    public static string Responder => Make("responder", "en-us+f3", 165, 60,
        "This is grid worker twenty three at the old market. Water is rising behind the school, about half a metre deep. "
        + "We moved eleven people upstairs and need two boats as soon as possible.");

    /// <summary>A man, in Chinese.</summary>
    public static string Officer => Make("officer", "cmn", 160, 45,
        "指挥中心，我是三号巡逻车，已经到达现场。两辆货车相撞，一人受伤，请求救护车。");

    /// <summary>Reads a clip made by the properties of this type, or any other WAVE file.</summary>
    public static WavFile Read(string path) => WavFile.Read(path);

    private static string Make(string name, string voice, int wordsPerMinute, int pitch, string text)
    {
        string folder = Path.Combine(Path.GetTempPath(), "comms-speech-clips");
        string path = Path.Combine(folder, $"{name}-v{Version}.wav");
        lock (Gate)
        {
            if (File.Exists(path)) return path;
            Directory.CreateDirectory(folder);
            // Several test processes may make the same clip at once: each writes its own file and moves it into place.
            string spoken = Path.Combine(folder, $"{name}-{Environment.ProcessId}-spoken.wav");
            string resampled = Path.Combine(folder, $"{name}-{Environment.ProcessId}-48k.wav");
            Speak(spoken, voice, wordsPerMinute, pitch, text);
            WavFile source = WavFile.Read(spoken);
            float[] samples = BandFilter.Resample(source, SamplesPerSecond, 50, source.SamplesPerSecond * 0.48);
            new WavFile(SamplesPerSecond, Normalise(samples)).Write(resampled);
            File.Move(resampled, path, overwrite: true);
            File.Delete(spoken);
        }

        return path;
    }

    private static void Speak(string path, string voice, int wordsPerMinute, int pitch, string text)
    {
        var start = new ProcessStartInfo("espeak-ng") { RedirectStandardError = true };
        string[] arguments =
        [
            "-v", voice, "-s", wordsPerMinute.ToString(CultureInfo.InvariantCulture), "-p", pitch.ToString(CultureInfo.InvariantCulture),
            "-w", path, text,
        ];
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("espeak-ng did not start.");
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"espeak-ng said: {errors}");
    }

    // Peaks at half of full scale: no codec on the way clips.
    private static float[] Normalise(float[] samples)
    {
        float peak = samples.Max(MathF.Abs);
        return Array.ConvertAll(samples, sample => sample * 0.5f / peak);
    }
}
