package guard

// rewards finds presents offered for winning the contract: a present, a
// condition and a hiring in one sentence, and somebody who gives.
func (s *scan) rewards() {
	for i := s.start; i < len(s.tokens); {
		from, to := s.sentence(i)
		from = max(from, i)
		if (s.any(from, to, cuePrize) || s.treats(from, to)) && s.any(from, to, cueWin) && s.any(from, to, cueIf) && s.any(from, to, cueMine) && !s.any(from, to, cueNot) {
			first, last := -1, -1
			for k := from; k < to && k < len(s.tokens); k++ {
				if s.tokens[k].cues&(cuePrize|cueWin) != 0 {
					if first < 0 {
						first = k
					}
					last = k
				}
			}
			s.add(RewardOffer, first, last+1, 0.4, "reward.offer")
		}
		i = max(to, i) + 1
	}
}

// treats says whether somebody adds something: "the first hours are on me",
// "I'll throw in a card".
func (s *scan) treats(from, to int) bool {
	for k := from; k < to; k++ {
		if s.is(k, "on") && (s.is(k+1, "me") || s.is(k+1, "us")) && (s.is(k-1, "are") || s.is(k-1, "is") || s.is(k-1, "be")) {
			return true
		}
		if s.is(k, "throw") && s.is(k+1, "in") {
			return true
		}
	}
	return false
}
