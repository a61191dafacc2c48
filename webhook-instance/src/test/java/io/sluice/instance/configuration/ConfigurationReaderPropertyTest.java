package io.sluice.instance.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.instance.api.ConfigProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever stands in a document, reading it ends with a configuration or with problems whose places exist. */
class ConfigurationReaderPropertyTest {
    private static final int MUTATIONS = 300;
    private static final String WEBHOOKS = """
            {'a': {'module': 'http_webhook', 'connection': 'p', 'retry': {'max_attempts': 3, 'max_delay': '1m'},
                   'module-config': {'url': '/x', 'headers': {'X-A': '{$TOKEN}'}, 'allowed_headers': ['X-B'], 'timeout': 5},
                   'hmac': {'secret': ['s', '{$EMPTY}'], 'header': 'X-S', 'algorithm': 'sha256', 'encoding': 'hex'},
                   'ack': {'mode': 'delivered', 'deadline_ms': 100}, 'dedup': {'key': {'header': 'X-Id'}, 'ttl': '1h'},
                   'limits': {'body': '1MiB'}, 'respond': {'status': 200}, 'methods': ['POST']},
             'b': {'chain': ['log', {'id': 's', 'module': 'save_to_disk', 'module-config': {'path': 'x'}}],
                   'chain-config': {'execution': 'parallel'}, 'data_type': 'blob',
                   'verify': {'any': [{'scheme': 'bearer', 'token': 't'}, {'scheme': 'hmac', 'secret': 'x'}]}}}
            """;
    private static final String CONNECTIONS = """
            {'p': {'type': 'http', 'base_url': 'https://example.com/v1', 'headers': {'X-C': 'c'}, 'timeout': '5s'},
             'r': {'type': 'redis', 'host': 'h', 'port': '{$PORT:6379}', 'db': 0, 'pool': {}}}
            """;
    private static final List<String> JUNK = List.of(
            "null",
            "true",
            "-1",
            "1e300",
            "0.5",
            "''",
            "' '",
            "'x'",
            "'{$'",
            "'{$NOPE}'",
            "'{$TOKEN}'",
            "'{$file:/}'",
            "[]",
            "[[]]",
            "{}",
            "{'x': 1}",
            "['a', 1]",
            "'http://['",
            "'../..'",
            "'\\u0000'",
            "'log'",
            "99999999999999999999");

    static LongStream seeds() {
        String replay = System.getProperty("seed");
        return replay != null ? LongStream.of(Long.parseLong(replay)) : new Random().longs(10);
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void mutatedDocumentsAreReadOrRefusedWithPlacesThatExist(long seed) {
        Random random = new Random(seed);
        Documents.read(Documents.pair(WEBHOOKS, CONNECTIONS));
        for (int i = 0; i < MUTATIONS; i++) {
            JsonNode webhooks = Documents.json(WEBHOOKS);
            JsonNode connections = Documents.json(CONNECTIONS);
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                mutate(random.nextInt(4) == 0 ? connections : webhooks, random);
            }
            DocumentPair pair = new DocumentPair(webhooks, connections);
            try {
                Documents.reader().read(pair, 1, Documents.PUSHED);
            } catch (InvalidConfigurationException e) {
                assertThat(e.problems()).isNotEmpty().allSatisfy(problem -> assertPlaceExists(pair, problem));
            }
        }
    }

    private static void mutate(JsonNode root, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(root, containers);
        JsonNode container = containers.get(random.nextInt(containers.size()));
        JsonNode junk = Documents.json(JUNK.get(random.nextInt(JUNK.size())));
        if (container instanceof ObjectNode object) {
            List<String> keys = new ArrayList<>();
            object.fieldNames().forEachRemaining(keys::add);
            String key = keys.isEmpty() || random.nextInt(5) == 0 ? "k/~" : keys.get(random.nextInt(keys.size()));
            if (random.nextInt(4) == 0) {
                object.remove(key);
            } else {
                object.set(key, junk);
            }
        } else if (container instanceof ArrayNode array) {
            array.insert(random.nextInt(array.size() + 1), junk);
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    /** A missing key is told at the key; what holds it must be there, or be missing itself. */
    private static void assertPlaceExists(DocumentPair pair, ConfigProblem problem) {
        JsonNode root = problem.file().equals("webhooks") ? pair.webhooks() : pair.connections();
        JsonPointer pointer = JsonPointer.compile(problem.pointer());
        JsonPointer holder = pointer.head() == null ? JsonPointer.empty() : pointer.head();
        boolean missingConfig = holder.toString().endsWith("/module-config");
        assertThat(root.at(missingConfig ? holder.head() : holder).isMissingNode())
                .as(problem + " in " + root)
                .isFalse();
        assertThat(problem.message()).isNotBlank();
    }
}
