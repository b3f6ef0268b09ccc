package demo

import "slices"

// What the app is about: one client's job post and three answers to it. None
// of it changes, so none of it is in the file.

func people() []Person {
	return []Person{
		{ID: "client", Name: "Clara Novak", Side: SideClient, Zone: "Europe/Prague"},
		{ID: "freelancer", Name: "Femi Adeyemi", Side: SideFreelancer, Zone: "Africa/Lagos"},
		{ID: "ingrid", Name: "Ingrid Solheim", Side: SideFreelancer, Zone: "Europe/Oslo"},
		{ID: "mateo", Name: "Mateo Rivas", Side: SideFreelancer, Zone: "America/Bogota"},
	}
}

func theJob() Job {
	return Job{
		Title: "Booking app for a climbing gym",
		Description: "We run two climbing gyms and want our members to book courses and wall time from their phones. " +
			"There is a design and a small API already; we need somebody to build the app with us over about three months.",
	}
}

// proposals are those made for the job, before anything happened to them.
func proposals() []Proposal {
	return []Proposal{
		{
			ID: "pr_femi", Freelancer: Name{ID: "freelancer", Name: "Femi Adeyemi"}, Rate: "$48/h", Stage: StageProposed,
			Cover: "I have shipped two booking apps in the last three years, one of them for a chain of swimming pools. " +
				"I would start with the timetable, because everything else hangs on it.",
		},
		{
			ID: "pr_ingrid", Freelancer: Name{ID: "ingrid", Name: "Ingrid Solheim"}, Rate: "$62/h", Stage: StageProposed,
			Cover: "I climb, I build apps, and I have opinions about waiting lists. " +
				"Happy to show you the members' app I made for a bouldering hall.",
		},
		{
			ID: "pr_mateo", Freelancer: Name{ID: "mateo", Name: "Mateo Rivas"}, Rate: "$39/h", Stage: StageProposed,
			Cover: "Front-end developer, six years, accessible interfaces first. Your API looks tidy; I could begin next week.",
		},
	}
}

func personByID(id string) (Person, bool) {
	all := people()
	n := slices.IndexFunc(all, func(p Person) bool { return p.ID == id })
	if n < 0 {
		return Person{}, false
	}
	return all[n], true
}

// theClient is the person who made the job post.
func theClient() Person { return people()[0] }

func proposalByID(id string) (Proposal, bool) {
	all := proposals()
	n := slices.IndexFunc(all, func(p Proposal) bool { return p.ID == id })
	if n < 0 {
		return Proposal{}, false
	}
	return all[n], true
}

// threadID names the thread of a proposal, here and in Parley.
func threadID(proposal string) string { return "th_" + proposal }

func (p Person) name() Name { return Name{ID: p.ID, Name: p.Name} }
