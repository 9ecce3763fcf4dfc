<?php
/**
 * Sends the events in a file to the intake. PHP 8 or newer with what it comes with: the extension openssl, for https, and
 * the setting allow_url_fopen.
 *
 *   INTAKE_URL=... INTAKE_SECRET=... php send-events.php events.json
 */

declare(strict_types=1);

function sign(string $secret, string $id, int $timestamp, string $body): string
{
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret));
    return 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
}

/** @return array{int, array<string, mixed>, int} status, answer and the seconds to wait; status 0 when there was no answer */
function post(string $url, string $secret, string $id, string $body): array
{
    $timestamp = time();
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => [
            'content-type: application/json',
            "webhook-id: $id",
            "webhook-timestamp: $timestamp",
            'webhook-signature: ' . sign($secret, $id, $timestamp, $body),
        ],
        'content' => $body,
        'timeout' => 20,
        'ignore_errors' => true,
    ]]);
    $stream = @fopen($url, 'r', false, $context);
    if ($stream === false) {
        return [0, [], 0];
    }
    // The first header is the status line, such as HTTP/1.1 202 Accepted.
    $headers = stream_get_meta_data($stream)['wrapper_data'];
    $status = (int) (explode(' ', $headers[0])[1] ?? 0);
    $wait = 0;
    foreach ($headers as $header) {
        if (preg_match('/^retry-after: *(\d{1,3}) *$/i', $header, $found)) {
            $wait = (int) $found[1];
        }
    }
    $text = (string) stream_get_contents($stream);
    fclose($stream);
    $answer = json_decode($text, true);
    // What AWS itself answers may be plain text.
    return [$status, is_array($answer) ? $answer : ['message' => $text], $wait];
}

/** Tries again for as long as that helps: the id stays the same, time and signature are made anew. */
function send(string $url, string $secret, string $body): array
{
    $id = 'msg_' . bin2hex(random_bytes(16));
    // Seconds between two tries, at least; the intake may ask for more.
    foreach ([1, 2, 4, 8, 16, 30, null] as $wait) {
        [$status, $answer, $asked] = post($url, $secret, $id, $body);
        // already-taken: it was our own request, and its answer got lost on the way.
        if ($status === 202 || ($answer['error'] ?? '') === 'already-taken') {
            return $answer;
        }
        if ($status !== 0 && $status !== 429 && $status < 500) {
            throw new RuntimeException(json_encode($answer, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES));
        }
        if ($wait !== null) {
            sleep(max($wait, $asked));
        }
    }
    throw new RuntimeException("The intake did not answer, or was too busy ($status). Keep the events and try later.");
}

$url = (string) getenv('INTAKE_URL');
$secret = (string) getenv('INTAKE_SECRET');
if ($argc !== 2 || $url === '' || $secret === '') {
    fwrite(STDERR, 'usage: INTAKE_URL=... INTAKE_SECRET=... php send-events.php FILE' . PHP_EOL);
    exit(2);
}
try {
    if (!ini_get('allow_url_fopen') || !in_array(parse_url($url, PHP_URL_SCHEME), stream_get_wrappers(), true)) {
        throw new RuntimeException('This PHP cannot post: switch on the extension openssl and allow_url_fopen in php.ini.');
    }
    $events = @file_get_contents($argv[1]);
    if ($events === false) {
        throw new RuntimeException("{$argv[1]} cannot be read");
    }
    echo json_encode(send($url, $secret, $events)), PHP_EOL;
} catch (RuntimeException $error) {
    fwrite(STDERR, $error->getMessage() . PHP_EOL);
    exit(1);
}
