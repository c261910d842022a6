using System.Reflection;
using System.Text;
using MessagePack;

namespace Comms.Signaling.Realtime;

/// <summary>Writes the hub's records as TypeScript, so that the web client cannot drift: web-client/src/protocol/hub.ts.</summary>
public static class HubTypes
{
    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Type[] Records =
    [
        typeof(ClientHello), typeof(ServerHello), typeof(HubAccount), typeof(HubUnit), typeof(HubChannel), typeof(HubFloor),
        typeof(VoiceOffer), typeof(VoiceAnswer), typeof(HubJoinReply), typeof(HubFloorReply), typeof(HubFloorRevoked),
        typeof(HubAlert), typeof(HubFloorGranted), typeof(HubFloorQueued), typeof(HubFloorQueue), typeof(HubWaiter),
        typeof(HubCamera), typeof(HubVoiceEnded),
    ];

    public static string Generate()
    {
        var text = new StringBuilder("// Generated from src/Signaling/Realtime/HubMessages.cs by HubTypes; a test keeps it true. Do not edit.\n");
        foreach (Type record in Records) WriteRecord(text, record);
        WriteMethods(text, "HubServerMethods", typeof(IHubServer));
        WriteMethods(text, "HubClientMethods", typeof(IHubClient));
        return text.ToString();
    }

    private static void WriteRecord(StringBuilder text, Type record)
    {
        text.Append("\nexport interface ").Append(record.Name).Append(" {\n");
        foreach (PropertyInfo property in record.GetProperties())
        {
            string key = property.GetCustomAttribute<KeyAttribute>()?.StringKey
                ?? throw new InvalidOperationException($"{record.Name}.{property.Name} has no key.");
            bool isNullable = Nullability.Create(property).ReadState == NullabilityState.Nullable;
            text.Append("  ").Append(key).Append(": ").Append(TypeName(property.PropertyType)).Append(isNullable ? " | null" : "").Append(";\n");
        }

        text.Append("}\n");
    }

    private static void WriteMethods(StringBuilder text, string name, Type methods)
    {
        text.Append("\nexport interface ").Append(name).Append(" {\n");
        foreach (MethodInfo method in methods.GetMethods())
        {
            var parameters = method.GetParameters().Select(parameter => $"{parameter.Name}: {TypeName(parameter.ParameterType)}");
            string result = method.ReturnType.IsGenericType ? TypeName(method.ReturnType.GetGenericArguments()[0]) : "void";
            text.Append("  ").Append(method.Name).Append('(').AppendJoin(", ", parameters).Append("): ").Append(result).Append(";\n");
        }

        text.Append("}\n");
    }

    private static string TypeName(Type type)
    {
        if (type == typeof(string)) return "string";
        if (type == typeof(bool)) return "boolean";
        if (type == typeof(int) || type == typeof(long)) return "number";
        if (type.IsArray) return TypeName(type.GetElementType()!) + "[]";
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return TypeName(type.GetGenericArguments()[0]) + "[]";
        return Records.Contains(type) ? type.Name : throw new InvalidOperationException($"{type.Name} has no TypeScript form.");
    }
}
