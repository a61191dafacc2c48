package io.sluice.instance.configuration;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code connections.json}. An {@code http} connection is what steps use today; the other kinds stand in people's files, so their
 * shape is checked, and they may be probed.
 */
final class ConnectionReader {
    static final String FILE = "connections";

    /** A minute: an attempt that takes longer is better given up and tried again. */
    static final Duration MAX_TIMEOUT = Duration.ofSeconds(60);

    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
    private static final int CLICKHOUSE_NATIVE_PORT = 9000;

    private static final Map<String, String> ALIASES = Map.of(
            "redis-rq", "redis",
            "redis_rq", "redis");
    private static final Set<String> TYPES = Set.of("http", "redis", "rabbitmq", "clickhouse");
    private static final Set<String> LATER = Set.of(
            "postgresql",
            "postgres",
            "mysql",
            "mariadb",
            "kafka",
            "mqtt",
            "s3",
            "websocket",
            "zeromq",
            "activemq",
            "aws_sqs",
            "gcp_pubsub");

    private final Reading reading;

    ConnectionReader(Reading reading) {
        this.reading = reading;
    }

    /** Those that could be read, and in {@code names} all that stand there. */
    record Connections(Map<String, Connection> usable, Set<String> names) {}

    Connections read(JsonNode document) {
        ObjectCursor root = ObjectCursor.of(document, Place.root(FILE), reading);
        if (root == null) {
            return new Connections(Map.of(), Set.of());
        }
        Map<String, JsonNode> entries = root.entries();
        entries.remove("$schema");
        Map<String, Connection> usable = new LinkedHashMap<>();
        entries.forEach((name, node) -> {
            Connection connection =
                    connection(name, ObjectCursor.of(node, root.place().child(name), reading));
            if (connection != null) {
                usable.put(name, connection);
            }
        });
        return new Connections(usable, entries.keySet());
    }

    private @Nullable Connection connection(String name, @Nullable ObjectCursor cursor) {
        if (cursor == null) {
            return null;
        }
        String written = cursor.requiredText("type");
        if (written == null) {
            return null;
        }
        String type = ALIASES.getOrDefault(written, written);
        if (!TYPES.contains(type)) {
            String expected = "(expected: one of clickhouse, http, rabbitmq, redis)";
            boolean later = LATER.contains(type);
            cursor.problem(
                    "type",
                    later ? "unsupported" : "unknown_type",
                    "type: \"" + type + "\" " + (later ? "is not available yet " : "") + expected,
                    Hint.nearest(type, TYPES));
            return null;
        }
        cursor.text("description");
        Connection connection = type.equals("http") ? http(name, cursor) : declared(name, type, cursor);
        cursor.finish();
        return connection;
    }

    private static @Nullable Connection http(String name, ObjectCursor cursor) {
        for (String key : List.of("sign", "breaker", "pool", "critical")) {
            cursor.refuse(key, "is not available yet for connections of type http", null);
        }
        boolean allowPrivate = cursor.flag("allow_private", false);
        URI base = HttpTarget.absolute(cursor, "base_url", cursor.requiredText("base_url"), allowPrivate);
        if (base != null && base.getRawQuery() != null) {
            cursor.problem("base_url", "wrong_url", "base_url has a query, after which no path can stand", null);
        }
        var headers = HttpTarget.headers(cursor, "headers");
        Duration timeout = cursor.duration("timeout", DEFAULT_TIMEOUT, MIN_TIMEOUT, MAX_TIMEOUT);
        return base == null ? null : new Connection.Http(name, base, headers, timeout);
    }

    private static Connection declared(String name, String type, ObjectCursor cursor) {
        String host = cursor.text("host", "localhost");
        int port = cursor.integer("port", defaultPort(type), 1, 65_535);
        if (type.equals("clickhouse") && port == CLICKHOUSE_NATIVE_PORT) {
            cursor.problem(
                    "port",
                    "wrong_port",
                    "port: 9000 is ClickHouse's native protocol",
                    "use the HTTP port, usually 8123");
        }
        if (cursor.has("pass") && cursor.has("password")) {
            cursor.problem("password", "twice", "\"pass\" and \"password\" are two names of one thing", "keep one");
        }
        cursor.text("pass");
        cursor.text("password");
        cursor.text("user");
        cursor.text("username");
        cursor.flag("tls", false);
        cursor.flag("critical", false);
        cursor.duration("timeout", DEFAULT_TIMEOUT, MIN_TIMEOUT, MAX_TIMEOUT);
        cursor.object("pool");
        cursor.object("breaker");
        switch (type) {
            case "redis" -> cursor.integer("db", 0, 0, 65_535);
            case "rabbitmq" -> cursor.text("vhost");
            case "clickhouse" -> cursor.text("database");
            default -> throw new IllegalStateException("type " + type);
        }
        return new Connection.Declared(name, type, host, port);
    }

    private static int defaultPort(String type) {
        return switch (type) {
            case "redis" -> 6379;
            case "rabbitmq" -> 5672;
            case "clickhouse" -> 8123;
            default -> throw new IllegalStateException("type " + type);
        };
    }
}
