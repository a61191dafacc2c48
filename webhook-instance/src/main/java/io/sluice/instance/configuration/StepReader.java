package io.sluice.instance.configuration;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads where a webhook's events go: {@code module} with what belongs to it, which is one item of a {@code chain} too. */
final class StepReader {
    private static final Set<String> MODULES = Set.of("log", "save_to_disk", "http_webhook");
    private static final Set<String> LATER = Set.of(
            "redis",
            "redis_publish",
            "rabbitmq",
            "clickhouse",
            "kafka",
            "postgresql",
            "postgres",
            "mysql",
            "mariadb",
            "mqtt",
            "s3",
            "websocket",
            "zeromq",
            "activemq",
            "aws_sqs",
            "gcp_pubsub",
            "webhook_connect");
    private static final Set<String> METHODS = Set.of("POST", "PUT", "PATCH");
    private static final Duration MAX_AGE = Duration.ofDays(30);
    private static final Duration MAX_DELAY = Duration.ofDays(1);
    private static final int MAX_ATTEMPTS = 1_000;

    private final ObjectCursor cursor;
    private final ConnectionReader.Connections connections;

    StepReader(ObjectCursor cursor, ConnectionReader.Connections connections) {
        this.cursor = cursor;
        this.connections = connections;
    }

    /** Null when a problem keeps it from being a step; the problem is noted. */
    @Nullable
    Step read(String id, boolean required) {
        String module = cursor.requiredText("module");
        String connection = connectionName();
        RetryPolicy retry = retry();
        if (module == null) {
            cursor.node("module-config");
            return null;
        }
        ModuleSettings settings = settings(module, connection);
        return settings == null ? null : new Step(id, connection, settings, retry, required);
    }

    private @Nullable String connectionName() {
        String name = cursor.text("connection");
        if (name != null && !connections.names().contains(name)) {
            cursor.problem(
                    "connection",
                    "unknown_connection",
                    "connection: \"" + name + "\" is not in connections",
                    Hint.nearest(name, connections.names()));
        }
        return name;
    }

    private @Nullable ModuleSettings settings(String module, @Nullable String connection) {
        if (!MODULES.contains(module)) {
            refuse(module);
            cursor.node("module-config");
            return null;
        }
        ObjectCursor config = cursor.object("module-config");
        if (config == null) {
            // Nothing there reads like an empty object: what is missing is then told with its pointer.
            config = emptyConfig();
        }
        if (connection != null && !module.equals("http_webhook")) {
            cursor.problem("connection", "unused_connection", "module " + module + " takes no connection", "remove it");
        }
        ModuleSettings settings = switch (module) {
            case "log" -> new ModuleSettings.Log();
            case "save_to_disk" -> saveToDisk(config);
            default -> new HttpModuleReader(config, httpConnection(connection)).read();
        };
        config.finish();
        return settings;
    }

    private ObjectCursor emptyConfig() {
        ObjectCursor empty = ObjectCursor.of(
                JsonNodeFactory.instance.objectNode(), cursor.place().child("module-config"), cursor.reading());
        if (empty == null) {
            throw new IllegalStateException("an object is an object");
        }
        return empty;
    }

    private void refuse(String module) {
        String available = "(available: " + new TreeSet<>(MODULES).stream().collect(Collectors.joining(", ")) + ")";
        if (module.equals("redis_rq")) {
            cursor.problem(
                    "module",
                    "unsupported",
                    "module \"redis_rq\" writes jobs in a format of Python's, which is not supported " + available,
                    null);
        } else if (LATER.contains(module)) {
            cursor.problem(
                    "module", "unsupported", "module \"" + module + "\" is not available yet " + available, null);
        } else {
            cursor.problem(
                    "module",
                    "unknown_module",
                    "module: \"" + module + "\" " + available,
                    Hint.nearest(module, MODULES));
        }
    }

    private static ModuleSettings.@Nullable SaveToDisk saveToDisk(ObjectCursor config) {
        config.refuse(
                "base_dir", "is not supported: files go under the instance's data root", "use a relative \"path\"");
        String path = config.text("path", "");
        List<String> parts = List.of(path.split("/", -1));
        boolean root = path.isEmpty() || path.equals(".");
        if (!root
                && (parts.contains("..")
                        || parts.contains("")
                        || parts.contains(".")
                        || path.contains("\\")
                        || path.chars().anyMatch(c -> c < ' '))) {
            config.problem(
                    "path",
                    "wrong_path",
                    "path: \"" + path + "\" (expected: a relative path under the data root, without \"..\")",
                    null);
            return null;
        }
        return new ModuleSettings.SaveToDisk(root ? "" : path);
    }

    private Connection.@Nullable Http httpConnection(@Nullable String name) {
        Connection connection = name == null ? null : connections.usable().get(name);
        if (connection instanceof Connection.Http http) {
            return http;
        }
        if (connection != null) {
            cursor.problem(
                    "connection",
                    "wrong_connection",
                    "connection: \"" + name + "\" has type " + connection.type() + " (expected: http)",
                    null);
        }
        return null;
    }

    private RetryPolicy retry() {
        ObjectCursor retry = cursor.object("retry");
        if (retry == null) {
            return RetryPolicy.DEFAULT;
        }
        RetryPolicy fallback = RetryPolicy.DEFAULT;
        boolean enabled = retry.flag("enabled", true);
        Duration shortest = Duration.ofMillis(1);
        RetryPolicy read = new RetryPolicy(
                retry.integer("max_attempts", fallback.maxAttempts(), 0, MAX_ATTEMPTS),
                retry.duration("max_age", fallback.maxAge(), shortest, MAX_AGE),
                retry.duration("initial_delay", fallback.initialDelay(), shortest, MAX_DELAY),
                retry.duration("max_delay", fallback.maxDelay(), shortest, MAX_DELAY),
                retry.decimal("backoff_multiplier", fallback.multiplier(), 1, 10));
        retry.finish();
        return enabled ? read : RetryPolicy.NEVER;
    }

    /** The settings of {@code http_webhook}, with what its connection says filled in. */
    private static final class HttpModuleReader {
        private final ObjectCursor config;
        private final Connection.@Nullable Http connection;

        HttpModuleReader(ObjectCursor config, Connection.@Nullable Http connection) {
            this.config = config;
            this.connection = connection;
        }

        ModuleSettings.@Nullable HttpWebhook read() {
            URI url = url();
            String method = config.text("method", "POST").toUpperCase(Locale.ROOT);
            if (!METHODS.contains(method)) {
                config.problem(
                        "method",
                        "unknown_value",
                        "method: \"" + method + "\" (expected: one of PATCH, POST, PUT)",
                        null);
            }
            var headers = HttpTarget.headers(config, "headers");
            if (connection != null) {
                connection.headers().forEach(headers::putIfAbsent);
            }
            Duration fallback = connection == null ? ConnectionReader.DEFAULT_TIMEOUT : connection.timeout();
            Duration timeout = config.duration("timeout", fallback, Duration.ofMillis(1), ConnectionReader.MAX_TIMEOUT);
            boolean forward = config.flag("forward_headers", false);
            Set<String> allowed = allowedHeaders();
            return url == null ? null : new ModuleSettings.HttpWebhook(url, method, headers, timeout, forward, allowed);
        }

        private @Nullable Set<String> allowedHeaders() {
            if (!config.has("allowed_headers")) {
                return null;
            }
            return config.texts("allowed_headers").stream()
                    .map(name -> name.toLowerCase(Locale.ROOT))
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        }

        private @Nullable URI url() {
            List<String> allowedHosts = config.texts("allowed_hosts");
            boolean allowPrivate = config.flag("allow_private", false) || !allowedHosts.isEmpty();
            if (connection != null) {
                return underBase(connection.baseUrl());
            }
            URI url = HttpTarget.absolute(config, "url", config.requiredText("url"), allowPrivate);
            if (url != null && !allowedHosts.isEmpty() && !allowedHosts.contains(url.getHost())) {
                config.problem("url", "host_not_allowed", "url: its host is not among \"allowed_hosts\"", null);
            }
            return url;
        }

        private @Nullable URI underBase(URI base) {
            String path = config.text("url", "").strip();
            if (path.isEmpty()) {
                return base;
            }
            URI relative = HttpTarget.parse(path);
            URI joined = HttpTarget.parse(base.toString().replaceFirst("/+$", "")
                    + (path.startsWith("/") || path.startsWith("?") ? path : "/" + path));
            if (relative == null || joined == null || relative.isAbsolute() || relative.getRawAuthority() != null) {
                config.problem(
                        "url", "wrong_url", "url (expected: a path, which goes under the connection's base_url)", null);
                return null;
            }
            return joined;
        }
    }
}
