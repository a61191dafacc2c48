package io.sluice.proxy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.sluice.proxy.health.HealthSettings;
import io.sluice.proxy.listener.ListenerSettings;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.tls.CertificateFiles;
import io.sluice.service.settings.SettingsDocument;
import io.sluice.service.settings.SettingsReader;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Settings in the words of the file: each line is a key with its value, in YAML. What is not given has its default. */
public final class TestSettings {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private TestSettings() {}

    /**
     * The route {@code all}, of every path; to the pool {@code test} unless the lines tell another end. Connecting may take as long as a busy
     * machine needs.
     */
    public static RouteSettings route(String... lines) {
        ObjectNode content = parse(Map.of("name", "all", "path", "/", "connect-timeout", "9s"), lines);
        if (!content.has("redirect") && !content.has("respond") && !content.has("files") && !content.has("pool")) {
            content.put("pool", "test");
        }
        if (content.has("exact-path")) {
            content.remove("path");
        }
        return read(content, RouteSettings::read);
    }

    /** On a free port, with one event loop, so that which connections are reused is certain. {@code "port:"} leaves the port out. */
    public static ListenerSettings listener(String... lines) {
        ObjectNode content =
                parse(Map.of("host", "127.0.0.1", "port", 0, "event-loops", 1, "stop-timeout", "5s"), lines);
        return read(content, ListenerSettings::read);
    }

    /** A line of a listener: TLS on a free port, with these certificates and keys inside of the braces. */
    public static String tls(String more, CertificateFiles... certificates) {
        String items = Arrays.stream(certificates)
                .map(files -> "{certificate: '" + files.certificate() + "', key: '" + files.key() + "'}")
                .collect(Collectors.joining(", "));
        return "tls: {port: 0, certificates: [" + items + "]" + (more.isEmpty() ? "" : ", " + more) + "}";
    }

    /** Checks that ask only where a {@code path} is given. */
    public static HealthSettings health(String... lines) {
        return read(parse(Map.of(), lines), HealthSettings::read);
    }

    private static ObjectNode parse(Map<String, Object> usual, String... lines) {
        ObjectNode content = YAML.valueToTree(usual);
        try {
            return lines.length == 0 ? content : content.setAll((ObjectNode) YAML.readTree(String.join("\n", lines)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(String.join("\n", lines), e);
        }
    }

    private static <T> T read(ObjectNode content, Function<SettingsReader, T> reading) {
        SettingsDocument document = SettingsDocument.of("test", content, null, Map.of(), "TEST");
        T settings = reading.apply(document.root());
        document.finish();
        return settings;
    }
}
