package io.sluice.instance.configuration;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code webhooks.json}. What is not built yet is refused here, when it is loaded, and never when a request comes. */
final class WebhookReader {
    static final String FILE = "webhooks";

    static final long DEFAULT_BODY_BYTES = 1024 * 1024;
    private static final long MAX_BODY_BYTES = 25 * DEFAULT_BODY_BYTES; // the largest that GitHub sends
    private static final int MAX_STEPS = 20;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
    private static final Set<String> METHODS = Set.of("POST", "PUT", "PATCH", "GET", "DELETE");
    private static final Duration DEFAULT_ACK_DEADLINE = Duration.ofSeconds(2); // before Slack's 3 s
    private static final Duration MAX_ACK_DEADLINE = Duration.ofSeconds(30);
    private static final Duration DEFAULT_DEDUP_TTL = Duration.ofHours(24);
    private static final Duration MAX_DEDUP_TTL = Duration.ofDays(30);

    private static final String NOT_YET = "is not available yet";
    private static final Map<String, String> UNSUPPORTED = Map.ofEntries(
            Map.entry("rate_limit", NOT_YET),
            Map.entry("json_schema", NOT_YET),
            Map.entry("credential_cleanup", NOT_YET),
            Map.entry("cleanup", NOT_YET),
            Map.entry("ip_whitelist", NOT_YET),
            Map.entry("basic_auth", NOT_YET),
            Map.entry("header_auth", NOT_YET),
            Map.entry("query_auth", NOT_YET),
            Map.entry("jwt", NOT_YET),
            Map.entry("order", NOT_YET),
            Map.entry("sender_profile", NOT_YET),
            Map.entry("on_removed", NOT_YET),
            Map.entry("catch_all", NOT_YET),
            Map.entry("digest_auth", "is not supported"),
            Map.entry("oauth1", "is not supported"),
            Map.entry("oauth2", "is not supported"),
            Map.entry("recaptcha", "is not supported"));

    private final Reading reading;
    private final ConnectionReader.Connections connections;
    private final boolean requireAuth;

    WebhookReader(Reading reading, ConnectionReader.Connections connections, boolean requireAuth) {
        this.reading = reading;
        this.connections = connections;
        this.requireAuth = requireAuth;
    }

    Map<String, Webhook> read(JsonNode document) {
        ObjectCursor root = ObjectCursor.of(document, Place.root(FILE), reading);
        Map<String, Webhook> webhooks = new LinkedHashMap<>();
        if (root == null) {
            return webhooks;
        }
        Map<String, JsonNode> entries = root.entries();
        entries.remove("$schema");
        if (entries.isEmpty()) {
            reading.warnings().add("there is no webhook");
        }
        entries.forEach((id, node) -> {
            ObjectCursor cursor = ObjectCursor.of(node, root.place().child(id), reading);
            Webhook webhook = cursor == null ? null : webhook(id, cursor);
            if (webhook != null) {
                webhooks.put(id, webhook);
            }
        });
        return webhooks;
    }

    private @Nullable Webhook webhook(String id, ObjectCursor cursor) {
        checkId(id, cursor);
        UNSUPPORTED.forEach((key, reason) -> cursor.refuse(key, reason, null));
        cursor.text("description");
        boolean enabled = cursor.flag("enabled", true);
        boolean retired = cursor.flag("retired", false);
        Set<String> methods = methods(cursor);
        DataType dataType = cursor.choice("data_type", DataType.class, DataType.JSON);
        Verification verification = new VerificationReader(cursor).read();
        checkOpen(id, cursor, verification);
        AckPolicy ack = ack(cursor);
        DedupPolicy dedup = dedup(cursor, dataType);
        long bodyLimit = bodyLimit(cursor);
        int status = acceptedStatus(cursor);
        List<Step> steps = steps(cursor);
        cursor.finish();
        return steps.isEmpty()
                ? null
                : new Webhook(
                        id, enabled, retired, methods, dataType, verification, ack, dedup, bodyLimit, status, steps);
    }

    private void checkId(String id, ObjectCursor cursor) {
        if (id.equals("default")) {
            reading.problems()
                    .add(
                            cursor.place(),
                            "unsupported",
                            "\"default\" as a webhook for unknown ids is not available yet",
                            "give it the id that senders use");
        } else if (!ID.matcher(id).matches()) {
            reading.problems()
                    .add(
                            cursor.place(),
                            "wrong_id",
                            "id: \"" + id
                                    + "\" (expected: letters, digits, _ and -, at most 64, not starting with _ or -)");
        }
    }

    private void checkOpen(String id, ObjectCursor cursor, Verification verification) {
        if (!verification.schemes().isEmpty() || cursor.has("auth") || cursor.has("verify")) {
            return;
        }
        if (requireAuth) {
            reading.problems()
                    .add(
                            cursor.place(),
                            "open",
                            "nothing verifies who sends to \"" + id + "\"",
                            "add \"verify\", or \"auth\": \"none\" when that is meant");
        } else {
            reading.warnings().add("/" + id + ": anybody may send (no \"verify\")");
        }
    }

    private Set<String> methods(ObjectCursor cursor) {
        if (!cursor.has("methods")) {
            return Set.of("POST");
        }
        Set<String> methods = new LinkedHashSet<>();
        for (String method : cursor.texts("methods")) {
            if (!METHODS.contains(method.toUpperCase(Locale.ROOT))) {
                cursor.problem(
                        "methods",
                        "unknown_value",
                        "methods: \"" + method + "\" (expected: POST, PUT, PATCH, GET or DELETE)",
                        null);
            }
            methods.add(method.toUpperCase(Locale.ROOT));
        }
        if (methods.isEmpty() && !reading.problems().isAt(cursor.place().child("methods"))) {
            cursor.problem("methods", "empty", "methods: none (expected: at least one)", null);
        }
        return methods;
    }

    private static AckPolicy ack(ObjectCursor cursor) {
        JsonNode node = cursor.node("ack");
        if (node == null || node.isTextual()) {
            AckPolicy.Mode mode = cursor.choice("ack", AckPolicy.Mode.class, AckPolicy.Mode.DURABLE);
            return new AckPolicy(mode, DEFAULT_ACK_DEADLINE);
        }
        ObjectCursor ack = cursor.object("ack");
        if (ack == null) {
            return new AckPolicy(AckPolicy.Mode.DURABLE, DEFAULT_ACK_DEADLINE);
        }
        AckPolicy.Mode mode = ack.choice("mode", AckPolicy.Mode.class, AckPolicy.Mode.DURABLE);
        int deadline =
                ack.integer("deadline_ms", (int) DEFAULT_ACK_DEADLINE.toMillis(), 1, (int) MAX_ACK_DEADLINE.toMillis());
        ack.finish();
        return new AckPolicy(mode, Duration.ofMillis(deadline));
    }

    private static @Nullable DedupPolicy dedup(ObjectCursor cursor, DataType dataType) {
        ObjectCursor dedup = cursor.object("dedup");
        if (dedup == null) {
            return null;
        }
        Duration ttl = dedup.duration("ttl", DEFAULT_DEDUP_TTL, Duration.ofSeconds(1), MAX_DEDUP_TTL);
        ObjectCursor key = dedup.object("key");
        if (key == null) {
            if (!dedup.has("key")) {
                dedup.problem(
                        "key", "missing", "\"key\" is missing", "for instance {\"header\": \"X-GitHub-Delivery\"}");
            }
            dedup.finish();
            return null;
        }
        DedupPolicy.Key where = dedupKey(key, dataType);
        key.finish();
        dedup.finish();
        return where == null ? null : new DedupPolicy(where, ttl);
    }

    private static DedupPolicy.@Nullable Key dedupKey(ObjectCursor key, DataType dataType) {
        String header = key.text("header");
        String pointer = key.text("pointer");
        if (key.has("header") == key.has("pointer")) {
            key.reading().problems().add(key.place(), "either_or", "expected: one of \"header\" and \"pointer\"");
            return null;
        }
        if (header != null) {
            if (!HttpTarget.isHeaderName(header)) {
                key.problem("header", "wrong_header", "header: \"" + header + "\" is no name of a header", null);
            }
            return new DedupPolicy.Header(header);
        }
        if (pointer == null) {
            return null;
        }
        if (dataType != DataType.JSON || !pointer.startsWith("/")) {
            key.problem(
                    "pointer",
                    "wrong_pointer",
                    "pointer: \"" + pointer + "\" (expected: a JSON pointer like /id, with data_type json)",
                    null);
            return null;
        }
        return new DedupPolicy.Pointer(JsonPointer.compile(pointer));
    }

    private static long bodyLimit(ObjectCursor cursor) {
        ObjectCursor limits = cursor.object("limits");
        if (limits == null) {
            return DEFAULT_BODY_BYTES;
        }
        limits.refuse("rate", NOT_YET, null);
        limits.refuse("concurrency", NOT_YET, null);
        long body = limits.bytes("body", DEFAULT_BODY_BYTES, 1, MAX_BODY_BYTES);
        limits.finish();
        return body;
    }

    private static int acceptedStatus(ObjectCursor cursor) {
        ObjectCursor respond = cursor.object("respond");
        if (respond == null) {
            return 202;
        }
        int status = respond.integer("status", 202, 200, 202);
        if (status == 201) {
            respond.problem("status", "wrong_value", "status: 201 (expected: 200 or 202)", null);
        }
        respond.refuse("schema_status", NOT_YET, null);
        respond.finish();
        return status;
    }

    private List<Step> steps(ObjectCursor cursor) {
        boolean chained = cursor.has("chain");
        if (chained == cursor.has("module")) {
            reading.problems()
                    .add(
                            chained ? cursor.place().child("chain") : cursor.place(),
                            "either_or",
                            (chained ? "both" : "neither") + " of \"module\" and \"chain\" (expected: one)");
        }
        checkChainConfig(cursor);
        if (chained) {
            for (String key : List.of("connection", "module-config", "retry")) {
                cursor.refuse(key, "belongs to the items of \"chain\"", null);
            }
            return chain(cursor);
        }
        if (!cursor.has("module")) {
            List.of("connection", "module-config", "retry").forEach(cursor::has);
            return List.of();
        }
        Step step = new StepReader(cursor, connections).read("main", true);
        return step == null ? List.of() : List.of(step);
    }

    /** Steps are delivered each on its own, at once and however the others fare: the only way that may be asked for so far. */
    private static void checkChainConfig(ObjectCursor cursor) {
        ObjectCursor config = cursor.object("chain-config");
        if (config == null) {
            return;
        }
        String execution = config.text("execution", "parallel");
        if (!execution.equals("parallel")) {
            config.problem(
                    "execution",
                    "unsupported",
                    "execution: \"" + execution + "\" is not available yet",
                    "\"parallel\": each step is delivered on its own");
        }
        if (!config.flag("continue_on_error", true)) {
            config.problem(
                    "continue_on_error", "unsupported", "a step's failure does not stop the others", "remove it");
        }
        config.refuse("timeout", NOT_YET, "use \"retry\": {\"max_age\": …} of a step");
        config.finish();
    }

    private List<Step> chain(ObjectCursor cursor) {
        List<JsonNode> items = cursor.items("chain");
        boolean isList = !reading.problems().isAt(cursor.place().child("chain"));
        if (isList && (items.isEmpty() || items.size() > MAX_STEPS)) {
            cursor.problem(
                    "chain",
                    "wrong_length",
                    "chain: " + items.size() + " items (expected: 1 to " + MAX_STEPS + ")",
                    null);
        }
        List<Step> steps = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < items.size(); i++) {
            Place place = cursor.place().child("chain").child(i);
            if (items.get(i).isTextual()) {
                named(items.get(i), place, i + 1, ids).ifPresent(steps::add);
            } else {
                ObjectCursor item = ObjectCursor.of(items.get(i), place, reading);
                Optional.ofNullable(item == null ? null : step(item, i + 1, ids))
                        .ifPresent(steps::add);
            }
        }
        return steps;
    }

    /** An item may be the name of a module alone; problems with it then point at the item. */
    private Optional<Step> named(JsonNode module, Place place, int position, Set<String> ids) {
        Reading inside = new Reading(reading.placeholders());
        JsonNode object = JsonNodeFactory.instance.objectNode().set("module", module);
        ObjectCursor item = ObjectCursor.of(object, place, inside);
        Step step = item == null ? null : step(item, position, ids);
        inside.problems()
                .all()
                .forEach(problem -> reading.problems().add(place, problem.code(), problem.message(), problem.hint()));
        return Optional.ofNullable(step);
    }

    private @Nullable Step step(ObjectCursor item, int position, Set<String> ids) {
        String id = item.text("id", position + "-" + item.text("module", "step"));
        if (item.has("id") && !ID.matcher(id).matches()) {
            item.problem("id", "wrong_id", "id: \"" + id + "\" (expected: letters, digits, _ and -, at most 64)", null);
        }
        if (!ids.add(id)) {
            item.problem("id", "twice", "id: \"" + id + "\" belongs to an earlier step", null);
        }
        Step step = new StepReader(item, connections).read(id, item.flag("required", true));
        item.finish();
        return step;
    }
}
