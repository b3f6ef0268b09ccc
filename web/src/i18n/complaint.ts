import type { ComplaintReason } from '../signal/wire.js';

const REASONS: Record<ComplaintReason, string> = {
  harassment: 'Harassment or threats',
  discrimination: 'Discrimination',
  fraud: 'Fraud, or asking for money or free work',
  impersonation: 'Somebody is not who they say',
  recording: 'Recording without consent',
  contact_details: 'Asking for contact details',
  reward: 'Offering something for the contract',
  other: 'Something else',
};

/** The words of the form with which somebody is reported. */
export const complaint = {
  intro: 'Your report goes to the people who run this service, not to anybody in this call. It holds what you write here, and who was in the call and when; no sound, picture or messages.',
  about: 'Who is it about?',
  nobody: 'Nobody in particular',
  reason: 'What is wrong?',
  reasons: (reason: ComplaintReason) => REASONS[reason],
  words: 'In your own words (optional)',
  send: 'Send report',
  cancel: 'Cancel',
  sent: 'Your report was sent. Nobody in this call has been told.',
  refused: 'Your report could not be sent. Try again in a moment.',
};
