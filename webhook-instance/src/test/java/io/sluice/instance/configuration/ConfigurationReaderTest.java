package io.sluice.instance.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.instance.api.ConfigProblem;
import io.sluice.service.settings.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationReaderTest {
    @Test
    void smallestWebhookGetsTheDefaults() {
        Configuration configuration = Documents.read(Documents.webhooks("{'test_webhook': {'module': 'log'}}"));

        Webhook webhook = configuration.webhook("test_webhook").orElseThrow();
        assertThat(webhook.enabled()).isTrue();
        assertThat(webhook.retired()).isFalse();
        assertThat(webhook.methods()).containsExactly("POST");
        assertThat(webhook.dataType()).isEqualTo(DataType.JSON);
        assertThat(webhook.verification()).isEqualTo(Verification.NONE);
        assertThat(webhook.ack().mode()).isEqualTo(AckPolicy.Mode.DURABLE);
        assertThat(webhook.bodyLimitBytes()).isEqualTo(1024 * 1024);
        assertThat(webhook.acceptedStatus()).isEqualTo(202);
        assertThat(webhook.steps())
                .containsExactly(new Step("main", null, new ModuleSettings.Log(), RetryPolicy.DEFAULT, true));
        assertThat(configuration.warnings()).containsExactly("/test_webhook: anybody may send (no \"verify\")");
    }

    @Test
    void everyKeyIsRead() {
        Configuration configuration = Documents.read(Documents.pair("""
                {'$schema': 'x', 'x-note': 1, 'orders_in': {
                  'description': 'd', 'enabled': false, 'retired': true, 'methods': ['POST', 'put'], 'data_type': 'blob',
                  'authorization': 'Bearer {$TOKEN}',
                  'hmac': {'secret': ['new', '{$OLD:}'], 'header': 'X-Signature', 'algorithm': 'sha512', 'encoding': 'base64', 'prefix': 'v='},
                  'ack': {'mode': 'delivered', 'deadline_ms': 1500},
                  'dedup': {'key': {'header': 'X-Id'}, 'ttl': '72h'}, 'limits': {'body': '5MiB'}, 'respond': {'status': 200}, 'x-mine': {},
                  'chain': [ 'log',
                    {'id': 'disk', 'module': 'save_to_disk', 'module-config': {'path': 'a/b'}, 'required': false},
                    {'id': 'out', 'module': 'http_webhook', 'connection': 'partner', 'module-config': {'url': '/in?x=1',
                      'method': 'put', 'headers': {'X-Key': '{$TOKEN}'}, 'forward_headers': true, 'allowed_headers': ['X-A']},
                     'retry': {'max_attempts': 4, 'max_age': '1d', 'initial_delay': 0.5, 'max_delay': 20, 'backoff_multiplier': 3}}],
                  'chain-config': {'execution': 'parallel', 'continue_on_error': true}}}
                """, """
                {'partner': {'type': 'http', 'base_url': 'https://api.example.com/v1/', 'headers': {'X-Key': 'a', 'X-Other': 'b'}, 'timeout': '5s'}}
                """));

        Webhook webhook = configuration.webhook("orders_in").orElseThrow();
        assertThat(webhook.enabled()).isFalse();
        assertThat(webhook.retired()).isTrue();
        assertThat(webhook.methods()).containsExactlyInAnyOrder("POST", "PUT");
        assertThat(webhook.dataType()).isEqualTo(DataType.BLOB);
        assertThat(webhook.ack()).isEqualTo(new AckPolicy(AckPolicy.Mode.DELIVERED, Duration.ofMillis(1500)));
        assertThat(webhook.dedupPolicy()).contains(new DedupPolicy(new DedupPolicy.Header("X-Id"), Duration.ofDays(3)));
        assertThat(webhook.bodyLimitBytes()).isEqualTo(5 * 1024 * 1024);
        assertThat(webhook.acceptedStatus()).isEqualTo(200);
        assertThat(webhook.steps()).extracting(Step::id).containsExactly("1-log", "disk", "out");
        assertThat(webhook.steps()).extracting(Step::required).containsExactly(true, false, true);
        assertThat(webhook.step("disk").orElseThrow().settings()).isEqualTo(new ModuleSettings.SaveToDisk("a/b"));
        Step out = webhook.step("out").orElseThrow();
        assertThat(out.retry())
                .isEqualTo(new RetryPolicy(4, Duration.ofDays(1), Duration.ofMillis(500), Duration.ofSeconds(20), 3));
        ModuleSettings.HttpWebhook http = (ModuleSettings.HttpWebhook) out.settings();
        assertThat(http.url()).isEqualTo(URI.create("https://api.example.com/v1/in?x=1"));
        assertThat(http.method()).isEqualTo("PUT");
        assertThat(http.timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(http.headers().keySet()).containsExactlyInAnyOrder("X-Key", "X-Other");
        assertThat(http.headers()).containsEntry("X-Key", Secret.of("t0ken"));
        assertThat(http.forwards("x-a")).isTrue();
        assertThat(http.forwards("x-b")).isFalse();
    }

    @Test
    void olderAuthenticationKeysMustAllAgree() {
        Webhook webhook = Documents.read(
                        Documents.webhooks(
                                "{'a': {'module': 'log', 'authorization': 'bearer {$TOKEN}', 'hmac': {'secret': ['new', '{$OLD:}']}}}"))
                .webhook("a")
                .orElseThrow();

        assertThat(webhook.verification().rule()).isEqualTo(Verification.Rule.ALL);
        Scheme.BearerToken bearer =
                (Scheme.BearerToken) webhook.verification().schemes().get(0);
        assertThat(bearer.tokens().get(0).reveal()).isEqualTo("t0ken");
        Scheme.Hmac hmac = (Scheme.Hmac) webhook.verification().schemes().get(1);
        assertThat(hmac.secrets()).extracting(secret -> secret.reveal()).containsExactly("new");
        assertThat(hmac.header()).isEqualTo("X-HMAC-Signature");
        assertThat(hmac.algorithm()).isEqualTo(HmacAlgorithm.SHA256);
        assertThat(hmac.encoding()).isEqualTo(SignatureEncoding.HEX);
        assertThat(hmac.prefix()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify", "authorization", "hmac", "auth"})
    void nullIsNoWayToLetEverybodyIn(String key) {
        InvalidConfigurationException failure = catchThrowableOfType(
                InvalidConfigurationException.class,
                () -> Documents.read(Documents.webhooks("{'a': {'module': 'log', '" + key + "': null}}")));

        assertThat(failure.problems()).extracting(Documents::line).containsExactly("webhooks/a/" + key + " null");
    }

    @Test
    void literalAuthorizationStaysLiteral() {
        Webhook webhook = Documents.read(Documents.webhooks("{'a': {'module': 'log', 'authorization': 'Basic dTpw'}}"))
                .webhook("a")
                .orElseThrow();

        Scheme.AuthorizationHeader header =
                (Scheme.AuthorizationHeader) webhook.verification().schemes().get(0);
        assertThat(header.values().get(0).reveal()).isEqualTo("Basic dTpw");
    }

    @Test
    void verifyCombinesSchemes() {
        Webhook webhook = Documents.read(Documents.webhooks(
                        "{'a': {'module': 'log', 'verify': {'any': [{'scheme': 'bearer', 'tokens': ['a', 'b']},"
                                + " {'scheme': 'hmac', 'secret': 'c'}, {'scheme': 'authorization', 'value': 'd'}]}}}"))
                .webhook("a")
                .orElseThrow();

        assertThat(webhook.verification().rule()).isEqualTo(Verification.Rule.ANY);
        assertThat(webhook.verification().schemes())
                .extracting(Scheme::name)
                .containsExactly("bearer", "hmac", "authorization");
    }

    @Test
    void tenMistakesAreToldWithTenPointers() {
        DocumentPair documents = Documents.pair("""
                {'a': {'module': 'rabbitmq', 'connection': 'mq_man'},
                 'b/c': {'module': 'log'},
                 'c': {'module': 'log', 'hmcx': {'secret': 's'}},
                 'd': {'module': 'save_to_disk', 'module-config': {'path': '../etc'}},
                 'e': {'module': 'log', 'authorization': 'Bearer {$MISSING}'},
                 'f': {'module': 'log', 'hmac': {'secret': '', 'header': 'X-S'}},
                 'g': {'chain': []},
                 'h': {'module': 'log', 'retry': {'max_attempts': 'many'}},
                 'i': {'module': 'log', 'rate_limit': {'max_requests': 5}}}
                """, "{'mq_main': {'type': 'rabbitmq', 'port': 'x'}}");

        assertThat(problems(documents))
                .extracting(Documents::line)
                .containsExactlyInAnyOrder(
                        "connections/mq_main/port wrong_value",
                        "webhooks/a/connection unknown_connection",
                        "webhooks/a/module unsupported",
                        "webhooks/b~1c wrong_id",
                        "webhooks/c/hmcx unknown_key",
                        "webhooks/d/module-config/path wrong_path",
                        "webhooks/e/authorization unresolved_variable",
                        "webhooks/f/hmac/secret empty_secret",
                        "webhooks/g/chain wrong_length",
                        "webhooks/h/retry/max_attempts wrong_value",
                        "webhooks/i/rate_limit unsupported");
    }

    @Test
    void hintsNameWhatWasProbablyMeant() {
        List<ConfigProblem> problems = problems(Documents.pair(
                "{'a': {'modul': 'log', 'module': 'logg'}, 'b': {'module': 'http_webhook', 'connection': 'partnr'}}",
                "{'partner': {'type': 'http', 'base_url': 'https://example.com'}}"));

        assertThat(problems)
                .filteredOn(problem -> problem.hint() != null)
                .extracting(problem -> problem.pointer() + ": " + problem.hint())
                .containsExactlyInAnyOrder(
                        "/a/modul: did you mean \"module\"?",
                        "/a/module: did you mean \"log\"?",
                        "/b/connection: did you mean \"partner\"?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'module': 'log', 'chain': ['log']} | /a/chain either_or",
                "{} | /a either_or",
                "{'chain': [{'id': 'x', 'module': 'log'}, {'id': 'x', 'module': 'log'}]} | /a/chain/1/id twice",
                "{'chain': [{'module': 'log', 'retri': {}}]} | /a/chain/0/retri unknown_key",
                "{'chain': ['redis_rq']} | /a/chain/0 unsupported",
                "{'chain': ['log'], 'chain-config': {'execution': 'sequential'}} | /a/chain-config/execution unsupported",
                "{'chain': ['log', 'http_webhook']} | /a/chain/1 missing",
                "{'chain': 'log'} | /a/chain wrong_value",
                "{'chain': [{'id': ' ', 'module': 'log'}]} | /a/chain/0/id wrong_id",
                "{'chain': [7]} | /a/chain/0 wrong_type",
                "{'module': 'log', 'dedup': {'key': {'pointer': 'id'}}} | /a/dedup/key/pointer wrong_pointer",
                "{'module': 'log', 'dedup': {}} | /a/dedup/key missing",
                "{'module': 'log', 'dedup': {'key': {}}} | /a/dedup/key either_or",
                "{'module': 'log', 'json_schema': {}} | /a/json_schema unsupported",
                "{'module': 'log', 'connection': 'partner'} | /a/connection unused_connection",
                "{'module': 'http_webhook', 'connection': 'cache', 'module-config': {'url': 'https://example.com'}} | /a/connection wrong_connection",
                "{'module': 'http_webhook'} | /a/module-config/url missing",
                "{'module': 'http_webhook', 'module-config': {'url': 'ftp://example.com'}} | /a/module-config/url wrong_url",
                "{'module': 'http_webhook', 'module-config': {'url': 'http://u:p@example.com'}} | /a/module-config/url wrong_url",
                "{'module': 'http_webhook', 'module-config': {'url': 'http://169.254.169.254/'}} | /a/module-config/url private_address",
                "{'module': 'http_webhook', 'module-config': {'url': 'http://[::1]/'}} | /a/module-config/url private_address",
                "{'module': 'http_webhook', 'connection': 'partner', 'module-config': {'url': 'http://evil.example'}} | /a/module-config/url wrong_url",
                "{'module': 'http_webhook', 'module-config': {'url': 'http://example.com', 'headers': {'Host': 'x'}}} | /a/module-config/headers/Host wrong_header",
                "{'module': 'http_webhook', 'module-config': {'url': 'http://example.com', 'method': 'GET'}} | /a/module-config/method unknown_value",
                "{'module': 'save_to_disk', 'module-config': {'path': '/etc'}} | /a/module-config/path wrong_path",
                "{'module': 'log', 'module-config': 'x'} | /a/module-config wrong_type",
                "{'module': 'log', 'enabled': 'yes'} | /a/enabled wrong_value",
                "{'module': 'log', 'ack': 'durabel'} | /a/ack unknown_value",
                "{'module': 'log', 'limits': {'body': '1GiB'}} | /a/limits/body wrong_value",
                "{'module': 'log', 'respond': {'status': 201}} | /a/respond/status wrong_value",
                "{'module': 'log', 'methods': ['FETCH']} | /a/methods unknown_value",
                "{'module': 'log', 'hmac': {'secret': 's', 'header': 'Stripe-Signature'}} | /a/hmac/header unsupported",
                "{'module': 'log', 'hmac': {}} | /a/hmac/secret missing",
                "{'module': 'log', 'hmac': {'secret': '{$EMPTY}'}} | /a/hmac/secret empty_secret",
                "{'module': 'log', 'verify': {}} | /a/verify either_or",
                "{'module': 'log', 'verify': {'all': []}} | /a/verify/all empty",
                "{'module': 'log', 'verify': {'all': [{'scheme': 'github', 'secret': 's'}]}} | /a/verify/all/0/scheme unsupported",
                "{'module': 'log', 'verify': {'all': [{'scheme': 'bearer', 'token': '{$file:/no/such}'}]}} | /a/verify/all/0/token unresolved_variable",
                "{'module': 'log', 'authorization': '{$vault:a#b}'} | /a/authorization unresolved_variable",
                "{'module': 'log', 'authorization': 'x{$OPEN'} | /a/authorization unresolved_variable",
                "{'module': 'log', 'auth': 'basic'} | /a/auth unknown_value",
                "{'module': 7} | /a/module wrong_type",
                "'log' | /a wrong_type",
            })
    void oneMistakeIsOneProblem(String webhook, String expected) {
        assertThat(
                        problems(
                                Documents.pair(
                                        "{'a': " + webhook + "}",
                                        "{'partner': {'type': 'http', 'base_url': 'https://example.com'}, 'cache': {'type': 'redis-rq', 'host': 'r'}}")))
                .extracting(problem -> problem.pointer() + " " + problem.code())
                .containsExactly(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type': 'clickhouse', 'port': 9000} | /c/port wrong_port",
                "{'type': 'redis', 'db': -1} | /c/db wrong_value",
                "{'type': 'rabbitmq', 'pass': 'a', 'password': 'b'} | /c/password twice",
                "{'type': 'rabbitmq', 'hots': 'x'} | /c/hots unknown_key",
                "{'type': 'postgres'} | /c/type unsupported",
                "{'type': 'redsi'} | /c/type unknown_type",
                "{'host': 'x'} | /c/type missing",
                "{'type': 'http'} | /c/base_url missing",
                "{'type': 'http', 'base_url': 'https://example.com?a=b'} | /c/base_url wrong_url",
                "{'type': 'http', 'base_url': 'https://example.com', 'timeout': '2h'} | /c/timeout wrong_value",
                "{'type': 'http', 'base_url': 'https://example.com', 'breaker': {}} | /c/breaker unsupported",
            })
    void connectionsAreCheckedToo(String connection, String expected) {
        assertThat(problems(Documents.pair("{'a': {'module': 'log'}}", "{'c': " + connection + "}")))
                .extracting(problem -> problem.pointer() + " " + problem.code())
                .containsExactly(expected);
    }

    @Test
    void connectionsOfKindsThatNothingUsesYetAreAccepted() {
        Configuration configuration = Documents.read(Documents.pair(
                "{'a': {'module': 'log'}}",
                "{'mq': {'type': 'rabbitmq', 'host': '{$MQ:mq.local}', 'port': '{$MQ_PORT:5673}', 'user': 'u', 'pass': 'p', 'vhost': '/'},"
                        + " 'ch': {'type': 'clickhouse', 'host': 'h', 'port': 8123, 'database': 'd', 'user': 'u', 'password': ''},"
                        + " 'rq': {'type': 'redis-rq', 'host': 'r', 'port': 6379, 'db': 0}}"));

        assertThat(configuration.connections().values())
                .containsExactly(
                        new Connection.Declared("mq", "rabbitmq", "mq.local", 5673),
                        new Connection.Declared("ch", "clickhouse", "h", 8123),
                        new Connection.Declared("rq", "redis", "r", 6379));
    }

    @Test
    void privateTargetsAreAllowedWhenThatIsSaid() {
        Configuration configuration = Documents.read(Documents.webhooks(
                "{'a': {'module': 'http_webhook', 'module-config': {'url': 'http://127.0.0.1:9/x', 'allow_private': true}},"
                        + " 'b': {'module': 'http_webhook', 'module-config': {'url': 'http://10.0.0.7', 'allowed_hosts': ['10.0.0.7']}},"
                        + " 'c': {'module': 'http_webhook', 'module-config': {'url': 'http://172.32.0.1'}}}"));

        assertThat(configuration.webhooks()).hasSize(3);
    }

    @Test
    void secretsComeFromFilesAndNeverPrint(@TempDir Path folder) throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "fr0mfile\n");
        Configuration configuration = Documents.read(
                Documents.webhooks("{'a': {'module': 'log', 'authorization': 'Bearer {$file:" + secret + "}'}}"));

        Scheme.BearerToken bearer = (Scheme.BearerToken) configuration
                .webhook("a")
                .orElseThrow()
                .verification()
                .schemes()
                .get(0);
        assertThat(bearer.tokens().get(0).reveal()).isEqualTo("fr0mfile");
        assertThat(configuration.toString()).doesNotContain("fr0mfile");
    }

    @Test
    void hashesAreOfTheDocumentsAsWritten() {
        DocumentPair documents = Documents.webhooks("{'a': {'module': 'log', 'authorization': 'Bearer {$TOKEN}'}}");
        Configuration here =
                new ConfigurationReader(Map.of("TOKEN", "one"), false).read(documents, 1, Documents.PUSHED);
        Configuration there =
                new ConfigurationReader(Map.of("TOKEN", "two"), false).read(documents, 9, Documents.PUSHED);

        assertThat(here.hash()).isEqualTo(there.hash()).hasSize(64);
        assertThat(Documents.webhooks("{ 'a': {'authorization': 'Bearer {$TOKEN}', 'module':'log'} }"))
                .isEqualTo(documents);
    }

    @Test
    void openWebhooksAreRefusedWhereAuthenticationIsRequired() {
        ConfigurationReader strict = new ConfigurationReader(Map.of(), true);
        DocumentPair meant = Documents.webhooks("{'a': {'module': 'log', 'auth': 'none'}}");

        assertThat(strict.read(meant, 1, Documents.PUSHED).warnings()).isEmpty();
        assertThat(problems(strict, Documents.webhooks("{'a': {'module': 'log'}}")))
                .extracting(Documents::line)
                .containsExactly("webhooks/a open");
    }

    @Test
    void documentsMustBeObjects() {
        InvalidConfigurationException failure =
                catchThrowableOfType(InvalidConfigurationException.class, () -> Documents.pair("[1]", "7"));

        assertThat(failure.problems())
                .extracting(Documents::line)
                .containsExactlyInAnyOrder("webhooks wrong_type", "connections wrong_type");
    }

    @Test
    void noRetryMeansOneAttempt() {
        Step step = Documents.read(Documents.webhooks("{'a': {'module': 'log', 'retry': {'enabled': false}}}"))
                .webhook("a")
                .orElseThrow()
                .steps()
                .get(0);

        assertThat(step.retry().maxAttempts()).isEqualTo(1);
    }

    private static List<ConfigProblem> problems(DocumentPair documents) {
        return problems(Documents.reader(), documents);
    }

    private static List<ConfigProblem> problems(ConfigurationReader reader, DocumentPair documents) {
        InvalidConfigurationException failure = catchThrowableOfType(
                InvalidConfigurationException.class, () -> reader.read(documents, 1, Documents.PUSHED));
        assertThat(failure).as("refused").isNotNull();
        return failure.problems();
    }
}
