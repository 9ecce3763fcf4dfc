<?php
/**
 * Sends the events in a file to the intake. PHP 8 or newer, without extensions.
 *
 *   INTAKE_URL=... INTAKE_SECRET=... php send-events.php events.json
 */

declare(strict_types=1);

function sign(string $secret, string $id, int $timestamp, string $body): string
{
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret));
    return 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
}

/** @return array{int, array<string, mixed>} status and answer; 0 when there was none */
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
    $answer = @file_get_contents($url, false, $context);
    if ($answer === false) {
        return [0, []];
    }
    // The first header is the status line, such as HTTP/1.1 202 Accepted.
    return [(int) explode(' ', $http_response_header[0])[1], json_decode($answer, true) ?? []];
}

/** Tries again for as long as that helps: the id stays the same, time and signature are made anew. */
function send(string $url, string $secret, string $body): array
{
    $id = 'msg_' . bin2hex(random_bytes(16));
    foreach ([1, 2, 4, 8, 0] as $wait) {
        [$status, $answer] = post($url, $secret, $id, $body);
        // already-taken: it was our own request, and its answer got lost on the way.
        if ($status === 202 || ($answer['error'] ?? '') === 'already-taken') {
            return $answer;
        }
        if ($status !== 0 && $status !== 429 && $status < 500) {
            throw new RuntimeException(json_encode($answer, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES));
        }
        sleep($wait);
    }
    throw new RuntimeException("The intake did not answer, or was too busy ($status). Keep the events and try later.");
}

try {
    $answer = send(getenv('INTAKE_URL'), getenv('INTAKE_SECRET'), file_get_contents($argv[1]));
    echo json_encode($answer), PHP_EOL;
} catch (RuntimeException $error) {
    fwrite(STDERR, $error->getMessage() . PHP_EOL);
    exit(1);
}
